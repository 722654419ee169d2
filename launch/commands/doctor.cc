#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <future>
#include <iostream>
#include <memory>
#include <utility>

#include "common/log.h"
#include "io/posix_file_system.h"
#include "launch/commands.h"
#include "launch/doctor/examination.h"
#include "launch/doctor/probe.h"
#include "launch/machine.h"
#include "net/asio_executor.h"
#include "net/loopback_transport.h"
#include "net/mpi_transport.h"
#include "net/rpc.h"

namespace rookery {
namespace {

constexpr unsigned kStartSeconds = 60;
constexpr auto kExaminationLimit = std::chrono::minutes(20);
constexpr Duration kEndDeadline = std::chrono::seconds(10);

std::string HostName() {
  std::array<char, 256> name{};
  gethostname(name.data(), name.size() - 1);
  return name.data();
}

RpcNames Names() {
  return {doctor::NameOfVerb, [](Rank rank) { return StrCat("rank ", Raw(rank)); }};
}

// One rank with its executor; goes in the one order that is safe.
class Patient {
 public:
  Patient(doctor::ProbeOptions options, Transport* transport, FileSystem* files)
      : executor_("doctor"), rpc_(&executor_, transport, Names()) {
    probe_ = std::make_unique<doctor::Probe>(std::move(options), &rpc_, files, [this] {
      if (!std::exchange(ended_, true)) end_.set_value();
    });
    rpc_.Start();
  }
  ~Patient() {
    std::promise<void> closed;
    executor_.Post([&] {
      rpc_.Close();
      closed.set_value();
    });
    closed.get_future().wait();
    executor_.Stop();
  }

  [[nodiscard]] AsioExecutor* executor() { return &executor_; }
  [[nodiscard]] RpcNode* rpc() { return &rpc_; }
  // False: rank 0 never said that it is done.
  [[nodiscard]] bool WaitForEnd() {
    return end_.get_future().wait_for(kExaminationLimit) == std::future_status::ready;
  }

 private:
  std::promise<void> end_;
  bool ended_ = false;  // on the executor
  AsioExecutor executor_;
  RpcNode rpc_;
  std::unique_ptr<doctor::Probe> probe_;
};

Task<> Examine(doctor::Examination* examination, RpcNode* rpc,
               std::promise<doctor::Outcome>* outcome) {
  doctor::Outcome found = co_await examination->Run();
  for (std::uint32_t rank = 1; rank < rpc->ranks() && found.all_answer; ++rank) {
    StatusOr<Buffer> ended =
        co_await rpc->Call(Rank{rank}, doctor::kEndVerb, Buffer(0), kEndDeadline);
    found.all_answer = ended.ok();
  }
  outcome->set_value(found);
}

doctor::Outcome ExamineAll(const Job& job, const std::string& run, Patient* patient,
                           FileSystem* files) {
  doctor::ExaminationOptions options;
  options.job = job;
  options.run_directory = run;
  options.ranks = patient->rpc()->ranks();
  options.print = [](const doctor::Check& check) { std::cout << ToLine(check) << std::endl; };
  doctor::Examination examination(std::move(options), patient->rpc(), files);
  std::promise<doctor::Outcome> outcome;
  patient->executor()->Post([&] { Spawn(Examine(&examination, patient->rpc(), &outcome)); });
  return outcome.get_future().get();
}

int StatusOf(const doctor::Outcome& outcome) {
  std::cout << (outcome.failed ? "the job would not run well: see FAIL above"
                               : "nothing speaks against the job")
            << std::endl;
  return outcome.failed ? kExitInput : kExitDone;
}

int RunAlone(FileSystem& files, const Job& job, doctor::ProbeOptions options) {
  const std::string run = options.run_directory;
  LoopbackNetwork network(1);
  Patient patient(std::move(options), network.endpoint(Rank{0}), &files);
  return StatusOf(ExamineAll(job, run, &patient, &files));
}

// While a rank is missing MPI_Init does not return.
void WatchStart() {
  std::signal(SIGALRM, [](int) {
    constexpr std::string_view kText =
        "rookery: error: MPI did not start within 60 s: a host does not answer, or mpirun's own "
        "messages cannot reach it (launch --interface)\n";
    [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, kText.data(), kText.size());
    _exit(kExitPeerLost);
  });
  alarm(kStartSeconds);
}

StatusOr<int> RunUnderMpi(FileSystem& files, const StatusOr<Job>& job,
                          doctor::ProbeOptions options) {
  WatchStart();
  ROOKERY_ASSIGN_OR_RETURN(const std::unique_ptr<MpiTransport> transport, MpiTransport::Create({}));
  alarm(0);
  const Status world = CheckWorldSize(transport->ranks());
  if (!world.ok()) transport->AbortJob(ReportStatus(world));
  const bool examiner = Raw(transport->rank()) == 0;
  if (examiner && !job.ok()) transport->AbortJob(ReportStatus(job.status()));
  options.host = transport->host();
  options.mpi = MpiLibraryVersion();
  const std::string run = options.run_directory;
  int status = kExitDone;
  {
    Patient patient(std::move(options), transport.get(), &files);
    if (examiner) {
      const doctor::Outcome outcome = ExamineAll(*job, run, &patient, &files);
      status = StatusOf(outcome);
      if (!outcome.all_answer) transport->AbortJob(status);
    } else if (!patient.WaitForEnd()) {
      transport->AbortJob(kExitPeerLost);
    }
  }
  transport->Stop();
  return status;
}

}  // namespace

int RunDoctor(const DoctorArguments& arguments) {
  InitLog("rookery");
  PosixFileSystem files;
  StatusOr<Job> job = LoadJob(files, arguments.job, arguments.overrides);
  doctor::ProbeOptions options;
  options.job = job;
  options.host = HostName();
  options.run_directory = arguments.run;
  if (arguments.run.empty() && job.ok()) {
    options.run_directory = RunDirectoryOf(*job, arguments.job);
  }
  if (!StartedByMpi()) {
    return job.ok() ? RunAlone(files, *job, std::move(options)) : ReportStatus(job.status());
  }
  const StatusOr<int> status = RunUnderMpi(files, job, std::move(options));
  return status.ok() ? *status : ReportStatus(status.status());
}

}  // namespace rookery
