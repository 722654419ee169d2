#include <sched.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <iostream>

#include "io/posix_file_system.h"
#include "launch/child_process.h"
#include "launch/commands.h"
#include "launch/job_end.h"
#include "launch/mpirun_line.h"
#include "launch/supervisor.h"
#include "launch/user_signals.h"

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
  const std::string command = arguments.command.empty() ? "" : arguments.command[0];
  if (command != "train" && command != "doctor") {
    return InvalidInput(
        "launch: after -n N comes the command of all ranks: train JOB.toml, or doctor JOB.toml");
  }
  if (command == "doctor" && arguments.restarts_max > 0) {
    return InvalidInput("launch: --max-restarts is for train");
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

StatusOr<MpirunOptions> MpirunHere(const LaunchArguments& arguments) {
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
  return options;
}

Duration FromSeconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

StatusOr<JobEnd> RunOnce(const MpirunOptions& mpirun, ChildOptions options, EndEvidence evidence) {
  const MpirunLine line = MakeMpirunLine(mpirun);
  std::cout << line.ToString() << std::endl;
  options.environment = line.environment;
  const std::uint64_t kills = OutOfMemoryKills();
  ROOKERY_ASSIGN_OR_RETURN(const ChildResult result, RunChild(line.words, options));
  evidence.user_signal = UserSignals::received();
  evidence.out_of_memory = OutOfMemoryKills() > kills;
  JobEnd end = WhyEnded(result, evidence);
  if (end.kind != EndKind::kDone) {
    std::cerr << "rookery launch: the job ended with status " << end.exit_code << ": " << end.what
              << std::endl;
  }
  return end;
}

// "loaded PATH: step 12, epoch 1", "checkpoint PATH at step 12": the number after `before`.
bool StepAfter(std::string_view line, std::string_view before, std::uint64_t* step) {
  const std::size_t at = line.rfind(before);
  if (at == std::string_view::npos) return false;
  const char* const digits = line.data() + at + before.size();
  return std::from_chars(digits, line.data() + line.size(), *step).ec == std::errc();
}

// The "step" of the last whole line beyond `skip` bytes; 0: there is none.
std::uint64_t LastReportedStep(FileSystem& files, const std::string& path, std::uint64_t skip) {
  const StatusOr<std::string> text = ReadWholeFile(files, path, std::uint64_t{1} << 30);
  if (!text.ok() || text->size() <= skip) return 0;
  std::uint64_t step = 0;
  StepAfter(std::string_view(*text).substr(skip), "\"step\":", &step);
  return step;
}

std::vector<std::string> TrainWords(const TrainArguments& train, const Life& life) {
  std::vector<std::string> words = {"train", train.job};
  for (const auto* list : {&train.overrides, &life.overrides}) {
    for (const std::string& text : *list) words.insert(words.end(), {"--set", text});
  }
  if (!train.run.empty()) words.insert(words.end(), {"--run", train.run});
  if (train.profile) words.emplace_back("--profile");
  if (life.number > 0) words.emplace_back("--resume=latest-good");
  if (life.number == 0 && !train.resume.empty()) words.push_back("--resume=" + train.resume);
  return words;
}

StatusOr<LifeEnd> RunLife(FileSystem& files, const LaunchArguments& arguments, MpirunOptions mpirun,
                          const std::string& run, const Life& life) {
  const std::vector<std::string> words = TrainWords(arguments.train, life);
  mpirun.command.insert(mpirun.command.end(), words.begin(), words.end());
  mpirun.ranks = life.cluster.ranks();
  mpirun.hostfile = life.hostfile;
  mpirun.restart = life.number > 0;
  const std::string metrics = JoinPath(run, "metrics.jsonl");
  const StatusOr<std::uint64_t> old_size = files.FileSize(metrics);
  const auto began = std::chrono::steady_clock::now();
  LifeEnd ended;
  ChildOptions options;
  options.grace = FromSeconds(arguments.grace_seconds);
  options.on_line = [&](std::string_view line) {
    const bool loaded =
        line.starts_with("loaded ") && StepAfter(line, ": step ", &ended.first_step);
    if (loaded || line.ends_with(": starting from the beginning")) {
      ended.ready_seconds = Seconds(std::chrono::steady_clock::now() - began);
    } else if (line.starts_with("checkpoint ")) {
      StepAfter(line, " at step ", &ended.saved_step);
    }
  };
  ROOKERY_ASSIGN_OR_RETURN(ended.end,
                           RunOnce(mpirun, std::move(options), {.cluster = life.cluster}));
  ended.last_step = LastReportedStep(files, metrics, old_size.ok() ? *old_size : 0);
  return ended;
}

StatusOr<int> Supervise(FileSystem& files, const LaunchArguments& arguments,
                        const MpirunOptions& mpirun) {
  SupervisorOptions options;
  ROOKERY_ASSIGN_OR_RETURN(options.job,
                           LoadJob(files, arguments.train.job, arguments.train.overrides));
  options.run_directory = arguments.train.run.empty()
                              ? RunDirectoryOf(options.job, arguments.train.job)
                              : arguments.train.run;
  options.hostfile = arguments.hostfile;
  options.ranks = arguments.ranks;
  options.restarts_max = arguments.restarts_max;
  options.backoff = FromSeconds(arguments.backoff_seconds);
  options.run = [&, run = options.run_directory](const Life& life) {
    return RunLife(files, arguments, mpirun, run, life);
  };
  options.wait = UserSignals::Wait;
  options.print = [](const std::string& line) {
    std::cerr << "rookery launch: " << line << std::endl;
  };
  return Supervisor(std::move(options), &files).Run();
}

StatusOr<int> Launch(FileSystem& files, const LaunchArguments& arguments) {
  ROOKERY_RETURN_IF_ERROR(CheckArguments(arguments, files));
  ROOKERY_ASSIGN_OR_RETURN(MpirunOptions mpirun, MpirunHere(arguments));
  const UserSignals signals(arguments.grace_seconds > 0);
  if (arguments.restarts_max > 0) return Supervise(files, arguments, mpirun);
  mpirun.command.insert(mpirun.command.end(), arguments.command.begin(), arguments.command.end());
  ROOKERY_ASSIGN_OR_RETURN(const JobEnd end,
                           RunOnce(mpirun, {.grace = FromSeconds(arguments.grace_seconds)}, {}));
  return end.exit_code;
}

}  // namespace

int RunLaunch(const LaunchArguments& arguments) {
  PosixFileSystem files;
  const StatusOr<int> status = Launch(files, arguments);
  return status.ok() ? *status : ReportStatus(status.status());
}

}  // namespace rookery
