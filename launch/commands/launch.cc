#include <sched.h>
#include <unistd.h>

#include <iostream>

#include "io/posix_file_system.h"
#include "launch/child_process.h"
#include "launch/commands.h"
#include "launch/mpirun_line.h"

namespace rookery {
namespace {

std::uint32_t VisibleCpus() {
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0) return 1;
  return static_cast<std::uint32_t>(CPU_COUNT(&cpus));
}

StatusOr<std::string> ThisProgram() {
  std::string path(4096, '\0');
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0) return IoError("/proc/self/exe: cannot read the path of this program");
  path.resize(static_cast<std::size_t>(size));
  return path;
}

Status CheckArguments(const LaunchArguments& arguments, FileSystem& files) {
  if (arguments.command.empty() || arguments.command[0] != "train") {
    return InvalidInput("launch: after -n N comes the command of all ranks: train JOB.toml");
  }
  if (arguments.ranks < 3) {
    return InvalidInput(
        "launch -n ", arguments.ranks,
        ": a job has 1 scheduler, at least 1 server and 1 worker; use -n 3 or more");
  }
  if (!arguments.hostfile.empty() && !files.Exists(arguments.hostfile)) {
    return InvalidInput("launch: --hostfile ", arguments.hostfile, ": there is no such file");
  }
  return OkStatus();
}

StatusOr<MpirunLine> Line(const LaunchArguments& arguments) {
  const StatusOr<std::string> output = OutputOf({"mpirun", "--version"});
  if (!output.ok()) {
    return InvalidInput("launch: there is no mpirun; launch/setup installs Open MPI");
  }
  MpirunOptions options;
  ROOKERY_ASSIGN_OR_RETURN(options.version, ParseMpiVersion(*output));
  options.ranks = arguments.ranks;
  options.visible_cpus = VisibleCpus();
  options.root = geteuid() == 0;
  options.hostfile = arguments.hostfile;
  options.interface = arguments.interface;
  options.tcp_only = arguments.tcp_only;
  ROOKERY_ASSIGN_OR_RETURN(std::string program, ThisProgram());
  options.command = {std::move(program)};
  options.command.insert(options.command.end(), arguments.command.begin(), arguments.command.end());
  return MakeMpirunLine(options);
}

// mpirun returns the status of MPI_Abort or of the rank that ended first, or 128 + its signal.
int ExitCodeOfChild(int status) {
  return status > kExitSignal ? ExitCodeOfSignal(status - kExitSignal) : status;
}

}  // namespace

int RunLaunch(const LaunchArguments& arguments) {
  PosixFileSystem files;
  if (const Status status = CheckArguments(arguments, files); !status.ok()) {
    return ReportStatus(status);
  }
  const StatusOr<MpirunLine> line = Line(arguments);
  if (!line.ok()) return ReportStatus(line.status());
  std::cout << line->ToString() << std::endl;
  const StatusOr<ChildResult> result = RunChild(line->words, line->environment);
  if (!result.ok()) return ReportStatus(result.status());
  if (result->status == kExitDone) return kExitDone;
  const std::string dead = FindDeadRank(result->errors);
  std::cerr << "rookery launch: the job ended with status " << result->status
            << (dead.empty() ? "" : ": ") << dead << std::endl;
  return ExitCodeOfChild(result->status);
}

}  // namespace rookery
