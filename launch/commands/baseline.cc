#include <chrono>
#include <iostream>

#include "io/posix_file_system.h"
#include "launch/baseline/baseline.h"
#include "launch/commands.h"
#include "launch/machine.h"

namespace rookery {
namespace {

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Status Baseline(const BaselineArguments& arguments) {
  PosixFileSystem files;
  ROOKERY_ASSIGN_OR_RETURN(const Job job, LoadJob(files, arguments.job, arguments.overrides));
  BaselineOptions options;
  options.methods = arguments.methods;
  options.settings = arguments.settings;
  options.attributes = arguments.attributes;
  options.memory_bytes = FreeMemoryBytes();
  options.seconds = Seconds;
  ComputePool pool(job.cluster.threads > 0 ? job.cluster.threads : VisibleCpus());
  ROOKERY_ASSIGN_OR_RETURN(const BaselineReport report, RunBaselines(files, job, options, &pool));
  std::cout << BaselineText(report) << std::flush;
  if (arguments.output.empty()) return OkStatus();
  return WriteFileAtomically(files, arguments.output, WriteJsonPretty(BaselineJson(report)));
}

}  // namespace

int RunBaseline(const BaselineArguments& arguments) {
  return ReportStatus(Baseline(arguments));
}

}  // namespace rookery
