#include "io/posix_file_system.h"
#include "launch/checkpoint_path.h"
#include "launch/commands.h"
#include "launch/run_job.h"

namespace rookery {
namespace {

// The evaluated files become the test set; nothing else is read.
void ChooseData(const std::string& data, Job* job) {
  if (data == "train") job->data.test = job->data.train;
  if (data == "valid") job->data.test = job->data.valid;
  job->data.valid.clear();
}

}  // namespace

int RunEvaluate(const EvaluateArguments& arguments) {
  PosixFileSystem files;
  StatusOr<Job> job = LoadJob(files, arguments.job, arguments.overrides);
  if (!job.ok()) return ReportOnce(job.status());
  ChooseData(arguments.data, &*job);
  if (job->data.test.empty()) {
    return ReportOnce(InvalidInput(arguments.job, ": data.", arguments.data,
                                   " names no files; choose another --data"));
  }
  RunRequest request;
  request.evaluate_only = true;
  request.run_directory =
      arguments.run.empty() ? RunDirectoryOf(*job, arguments.job) : arguments.run;
  StatusOr<std::string> checkpoint = FindCheckpoint(
      files, arguments.checkpoint.empty() ? request.run_directory : arguments.checkpoint);
  if (!checkpoint.ok()) return ReportOnce(checkpoint.status());
  request.checkpoint = *checkpoint;
  request.job = std::move(*job);
  return RunJob(files, request);
}

}  // namespace rookery
