// MpiTransport: Transport over Open MPI. One communication thread makes every MPI call. It can also
// be the executor of the process's role: while a task runs there no MPI call is made.
//
// Small frames (<= kSmallMessageBytes) go through a ring of pre-posted receives; a larger frame is
// announced in a small one and then received from the named peer in pieces of kChunkBytes. Idle,
// the thread spins briefly, yields, then sleeps (idle_sleep_max), so that an idle rank stays below
// 5 % of a core. Never blocks in MPI.
//
// Stop() is collective: all ranks call it, and it returns when every frame sent to this rank has
// been handled (or after stop_deadline, with a log line). It is followed by the destructor without
// delay: MPI_Finalize waits for all ranks, and after 10 s the process ends with status 1. A rank
// that gives up alone calls AbortJob(). An MPI error is logged with both ranks and ends the job.
//
// Owner    the composition root; at most one per process (MPI_Init happens here, MPI_Finalize in
//          the destructor under a watchdog).
#pragma once

#include <memory>
#include <string>

#include "common/error.h"
#include "common/executor.h"
#include "net/transport.h"

namespace rookery {

struct MpiOptions {
  Duration spin = std::chrono::microseconds(50);
  Duration idle_sleep_max = std::chrono::microseconds(100);
  std::size_t bytes_in_flight_max = std::size_t{256} << 20;  // sends handed to MPI and not complete
  Duration stop_deadline = std::chrono::seconds(30);  // Stop() waits so long for the other ranks
};

// True when this process was started by mpirun or srun (looked up in the environment, before
// MPI_Init).
[[nodiscard]] bool StartedByMpi();

// "Open MPI v4.1.4": the first words of what the library says of itself. Any time.
[[nodiscard]] std::string MpiLibraryVersion();

class MpiTransport final : public Transport {
 public:
  [[nodiscard]] static StatusOr<std::unique_ptr<MpiTransport>> Create(const MpiOptions& options);
  ~MpiTransport() override;
  [[nodiscard]] Rank rank() const override;
  [[nodiscard]] std::uint32_t ranks() const override;
  void Start(Handler handler) override;
  void Send(Rank to, Frame frame) override;
  [[nodiscard]] StoppableExecutor* executor() override;
  void Stop() override;
  [[nodiscard]] std::string host() const;
  // Ends all ranks of the job (MPI_Abort) with this exit status; does not return.
  [[noreturn]] void AbortJob(int exit_status);

 private:
  struct State;
  explicit MpiTransport(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace rookery
