#include "net/mpi_transport.h"

#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "common/check.h"
#include "common/log.h"
#include "net/mpi_thread.h"

namespace rookery {
namespace {

constexpr Duration kFinalizeDeadline = std::chrono::seconds(10);
constexpr Duration kAbortDeadline = std::chrono::seconds(5);

}  // namespace

struct MpiTransport::State {
  explicit State(const MpiOptions& options) : thread(options) {}
  MpiThread thread;
};

bool StartedByMpi() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK", "PMI_FD"}) {
    if (std::getenv(name) != nullptr) return true;
  }
  return false;
}

std::string MpiLibraryVersion() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int size = 0;
  if (MPI_Get_library_version(text.data(), &size) != MPI_SUCCESS) return "unknown MPI";
  const std::string whole(text.data());
  return whole.substr(0, whole.find(','));
}

StatusOr<std::unique_ptr<MpiTransport>> MpiTransport::Create(const MpiOptions& options) {
  std::signal(SIGPIPE, SIG_IGN);  // a TCP peer that died is an MPI error, not our death
  auto state = std::make_unique<State>(options);
  ROOKERY_RETURN_IF_ERROR(state->thread.WaitUntilReady());
  return std::unique_ptr<MpiTransport>(new MpiTransport(std::move(state)));
}

MpiTransport::MpiTransport(std::unique_ptr<State> state) : state_(std::move(state)) {}

MpiTransport::~MpiTransport() {
  Stop();
  if (state_->thread.Finalize(kFinalizeDeadline)) return;
  ROOKERY_LOG(ERROR) << "rank " << Raw(rank()) << ": MPI_Finalize did not return within "
                     << Seconds(kFinalizeDeadline) << " s; the process ends here";
  _exit(EXIT_FAILURE);
}

Rank MpiTransport::rank() const {
  return state_->thread.world().rank;
}
std::uint32_t MpiTransport::ranks() const {
  return state_->thread.world().ranks;
}
std::string MpiTransport::host() const {
  return state_->thread.world().host;
}

void MpiTransport::Start(Handler handler) {
  state_->thread.Start(std::move(handler));
}

void MpiTransport::Send(Rank to, Frame frame) {
  ROOKERY_CHECK(Raw(to) < ranks()) << "Send to rank " << Raw(to);
  state_->thread.Send(to, std::move(frame));
}

StoppableExecutor* MpiTransport::executor() {
  return state_->thread.executor();
}

void MpiTransport::Stop() {
  state_->thread.Stop();
}

void MpiTransport::AbortJob(int exit_status) {
  state_->thread.Abort(exit_status, kAbortDeadline);
  _exit(exit_status);  // MPI_Abort came too late or returned
}

}  // namespace rookery
