#include "io/posix_file_system.h"
#include "launch/commands.h"
#include "launch/run_job.h"

namespace rookery {

int RunTrain(const TrainArguments& arguments) {
  PosixFileSystem files;
  StatusOr<Job> job = LoadJob(files, arguments.job, arguments.overrides);
  if (!job.ok()) return ReportOnce(job.status());
  RunRequest request;
  request.run_directory =
      arguments.run.empty() ? RunDirectoryOf(*job, arguments.job) : arguments.run;
  request.job = std::move(*job);
  request.profile = arguments.profile;
  request.init_from = arguments.init_from;
  request.init_policies = arguments.init_policies;
  if (arguments.resume == "latest") request.resume = Resume::kLatest;
  if (arguments.resume == "latest-good") request.resume = Resume::kLatestGood;
  return RunJob(files, request);
}

}  // namespace rookery
