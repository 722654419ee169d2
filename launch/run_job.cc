#include "launch/run_job.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "common/log.h"
#include "common/trace.h"
#include "launch/commands.h"
#include "launch/job_plan.h"
#include "launch/local_cluster.h"
#include "launch/machine.h"
#include "launch/prepared_run.h"
#include "launch/process_memory.h"
#include "launch/role_host.h"
#include "launch/supervisor.h"
#include "net/mpi_transport.h"

namespace rookery {
namespace {

constexpr unsigned kGraceSeconds = 20;
// SIGUSR1: checkpoint, then end with status 0. Written in a signal, read by the scheduler's thread.
std::atomic<bool> stop_wanted = false;
static_assert(std::atomic<bool>::is_always_lock_free);  // else no signal may write it

void WatchForStop() {
  std::signal(SIGUSR1, [](int) { stop_wanted = true; });
  std::signal(SIGPIPE, SIG_IGN);
  if (StartedByMpi()) return;  // there SIGTERM means that another rank died; `launch` has the grace
  std::signal(SIGTERM, [](int) {
    if (stop_wanted.exchange(true)) _exit(kExitSignal + SIGTERM);
    alarm(kGraceSeconds);
  });
  std::signal(SIGALRM, [](int) { _exit(kExitSignal + SIGTERM); });
}

std::string HostName() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

// mpirun gives its ranks a terminal of its own making, which is not the user's.
bool OnTerminal() {
  return isatty(STDOUT_FILENO) != 0 && !StartedByMpi();
}

// On a terminal a passing line is overwritten by the next one; elsewhere every line stays.
std::function<void(const std::string&, bool)> Printer() {
  const bool terminal = OnTerminal();
  return [terminal, passing = false](const std::string& line, bool lasting) mutable {
    if (terminal && passing) std::cout << "\r\x1b[K";
    passing = terminal && !lasting;
    std::cout << line << (passing ? "" : "\n") << std::flush;
  };
}

// By a signal, or by a file that works whatever host the scheduler runs on.
std::function<bool()> StopWanted(FileSystem* files, const RunRequest& request) {
  if (request.evaluate_only) return [] { return stop_wanted.load(); };
  return [files, path = JoinPath(request.run_directory, kStopFileName)] {
    return stop_wanted || files->Exists(path);
  };
}

Status RemoveStopFile(FileSystem& files, const RunRequest& request) {
  const std::string path = JoinPath(request.run_directory, kStopFileName);
  if (request.evaluate_only || !files.Exists(path)) return OkStatus();
  return files.Remove(path);
}

StatusOr<SchedulerOptions> PrepareScheduler(FileSystem& files, const RunRequest& request,
                                            const JobPlan& plan) {
  ROOKERY_ASSIGN_OR_RETURN(const PreparedRun prepared, PrepareRun(files, request, plan));
  ROOKERY_ASSIGN_OR_RETURN(SchedulerOptions options, SchedulerOptionsOf(plan, prepared.fitted));
  options.load_directory = prepared.load_directory;
  options.evaluate_only = request.evaluate_only;
  options.print = Printer();
  options.stop_wanted = StopWanted(&files, request);
  options.report_every = std::chrono::seconds(OnTerminal() ? 1 : 5);
  if (request.evaluate_only) return options;
  ROOKERY_RETURN_IF_ERROR(files.MakeDirectory(request.run_directory));
  if (std::getenv("ROOKERY_RESTART") == nullptr) {  // a left-over of an earlier job
    ROOKERY_RETURN_IF_ERROR(RemoveStopFile(files, request));
  }
  ROOKERY_RETURN_IF_ERROR(
      WriteFileAtomically(files, JoinPath(request.run_directory, "job.toml"), JobToToml(plan.job)));
  return options;
}

void PrintResult(const RunRequest& request, const std::string& summary_json) {
  std::cout << summary_json;
  if (!request.evaluate_only) std::cout << "run: " << request.run_directory << "\n";
  std::cout << std::flush;
}

std::uint32_t ThreadsOf(const Job& job, std::uint32_t workers_here) {
  if (job.cluster.threads > VisibleCpus()) {
    ROOKERY_LOG(WARNING) << "cluster.threads = " << job.cluster.threads
                         << ", but this process sees " << VisibleCpus()
                         << " CPUs: is it bound to too few (mpirun --bind-to none)?";
  }
  if (job.cluster.threads != 0) return job.cluster.threads;
  return std::max<std::uint32_t>(1, VisibleCpus() / std::max<std::uint32_t>(1, workers_here));
}

// Every process of a run keeps its log in the run directory.
Status OpenLog(FileSystem& files, const RunRequest& request) {
  if (request.evaluate_only) return OkStatus();
  const std::string directory = JoinPath(request.run_directory, "log");
  ROOKERY_RETURN_IF_ERROR(files.MakeDirectory(directory));
  LogAlsoTo(directory);
  return OkStatus();
}

// What the threads of this process did, as far as it is kept.
Status WriteTrace(FileSystem& files, const RunRequest& request, Rank rank) {
  if (!request.profile) return OkStatus();
  const std::string directory = JoinPath(request.run_directory, "trace");
  ROOKERY_RETURN_IF_ERROR(files.MakeDirectory(directory));
  const std::string path = JoinPath(directory, StrCat("rank-", Raw(rank), ".json"));
  return WriteFileAtomically(files, path, TraceJson(Raw(rank), StrCat("rank ", Raw(rank))));
}

Status RunInProcess(FileSystem& files, const RunRequest& request) {
  const ClusterShape cluster{request.job.cluster.servers, request.job.cluster.workers};
  ROOKERY_ASSIGN_OR_RETURN(
      const JobPlan plan, MakePlan(files, request.job, cluster, request.run_directory, HostName()));
  ROOKERY_ASSIGN_OR_RETURN(SchedulerOptions scheduler, PrepareScheduler(files, request, plan));
  ROOKERY_RETURN_IF_ERROR(OpenLog(files, request));
  ROOKERY_ASSIGN_OR_RETURN(
      const std::string summary,
      RunLocalCluster(plan, std::move(scheduler), ThreadsOf(request.job, cluster.workers), &files));
  ROOKERY_RETURN_IF_ERROR(WriteTrace(files, request, Rank{0}));
  PrintResult(request, summary);
  return RemoveStopFile(files, request);
}

StatusOr<ClusterShape> ShapeUnderMpi(const Job& job, std::uint32_t ranks) {
  ROOKERY_RETURN_IF_ERROR(CheckWorldSize(ranks));
  if (ranks < job.cluster.servers + 2) {
    return InvalidInput("mpirun -n ", ranks, ": a scheduler, ", job.cluster.servers,
                        " servers (cluster.servers) and a worker need at least ",
                        job.cluster.servers + 2, " ranks");
  }
  return ClusterShape{job.cluster.servers, ranks - 1 - job.cluster.servers};
}

std::uint32_t WorkersOnThisHost(const ClusterShape& cluster) {
  const char* local = std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
  const auto ranks_here =
      local == nullptr ? cluster.ranks() : static_cast<std::uint32_t>(std::atoi(local));
  return std::min(cluster.workers, std::max<std::uint32_t>(ranks_here, 1));
}

StatusOr<std::unique_ptr<RoleHost>> StartRole(FileSystem& files, const RunRequest& request,
                                              MpiTransport* transport) {
  ROOKERY_ASSIGN_OR_RETURN(const ClusterShape cluster,
                           ShapeUnderMpi(request.job, transport->ranks()));
  ROOKERY_ASSIGN_OR_RETURN(const JobPlan plan, MakePlan(files, request.job, cluster,
                                                        request.run_directory, transport->host()));
  const Rank rank = transport->rank();
  switch (cluster.role(rank)) {
    case Role::kScheduler: {
      ROOKERY_ASSIGN_OR_RETURN(SchedulerOptions options, PrepareScheduler(files, request, plan));
      ROOKERY_RETURN_IF_ERROR(OpenLog(files, request));
      return RoleHost::StartScheduler(std::move(options), transport, &files);
    }
    case Role::kServer: {
      PsOptions options = ServerOptionsOf(plan, cluster.index(rank));
      if (options.memory.bytes > 0) options.process_bytes = ResidentBytes;
      return RoleHost::StartServer(std::move(options), transport, &files);
    }
    case Role::kWorker:
      break;
  }
  const std::uint32_t threads = ThreadsOf(request.job, WorkersOnThisHost(cluster));
  return RoleHost::StartWorker(WorkerOptionsOf(plan, cluster.index(rank), threads), transport,
                               &files);
}

// Only rank 0 speaks of the user's mistakes: all ranks see the same ones.
[[noreturn]] void AbortAll(MpiTransport* transport, const Status& status) {
  if (Raw(transport->rank()) != 0 && ExitCodeOf(status) == kExitInput) {
    std::this_thread::sleep_for(std::chrono::seconds(5));  // rank 0 is about to say it
  }
  transport->AbortJob(ReportStatus(status));
}

Status RunUnderMpi(FileSystem& files, const RunRequest& request) {
  MpiOptions options;
  options.idle_sleep_max = request.job.cluster.idle_sleep;
  ROOKERY_ASSIGN_OR_RETURN(const std::unique_ptr<MpiTransport> transport,
                           MpiTransport::Create(options));
  StatusOr<std::unique_ptr<RoleHost>> role = StartRole(files, request, transport.get());
  if (!role.ok()) AbortAll(transport.get(), role.status());
  const Status status = (*role)->Result();
  if (!status.ok()) AbortAll(transport.get(), status);
  if (Raw(transport->rank()) == 0) PrintResult(request, (*role)->summary_json());
  role->reset();
  Status ended = WriteTrace(files, request, transport->rank());
  if (Raw(transport->rank()) == 0 && ended.ok()) ended = RemoveStopFile(files, request);
  transport->Stop();
  return ended;
}

// Messages and batches of megabytes come and go in every step: their memory is kept, not given back
// to the system each time.
void KeepFreedMemory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the largest value that glibc takes
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
}

}  // namespace

int RunJob(FileSystem& files, const RunRequest& request) {
  WatchForStop();
  KeepFreedMemory();
  InitLog("rookery");
  if (request.profile) StartTrace();
  return ReportStatus(StartedByMpi() ? RunUnderMpi(files, request) : RunInProcess(files, request));
}

}  // namespace rookery
