#include <iostream>

#include "io/posix_file_system.h"
#include "launch/commands.h"
#include "launch/supervisor.h"

namespace rookery {
namespace {

Status Stop(const std::string& run) {
  PosixFileSystem files;
  if (!files.Exists(JoinPath(run, "job.toml"))) {
    return InvalidInput(run, ": not a run directory: it has no job.toml");
  }
  const std::string path = JoinPath(run, kStopFileName);
  ROOKERY_RETURN_IF_ERROR(WriteFileAtomically(files, path, ""));
  std::cout << "the job of " << run << " writes a checkpoint and ends; " << path
            << " is gone when it has\n";
  return OkStatus();
}

}  // namespace

int RunStop(const StopArguments& arguments) {
  return ReportStatus(Stop(arguments.run));
}

}  // namespace rookery
