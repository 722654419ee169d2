// MpiThread: the communication thread of MpiTransport; the only caller of MPI.
//
// Others leave frames and wishes (start, stop, finalize, abort) under a lock; the thread looks at
// them in every turn of its loop and is woken when it sleeps.
//
// Owner    MpiTransport. Threads: public methods from any thread, from the handler only Send and
// Abort.
#pragma once

#include <mpi.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/executor.h"
#include "net/mpi_receiver.h"
#include "net/mpi_sender.h"
#include "net/mpi_transport.h"
#include "net/polled_executor.h"
#include "net/transport.h"

namespace rookery {

struct MpiWorld {
  Rank rank{};
  std::uint32_t ranks = 0;
  std::string host;
  std::vector<bool> on_this_host;  // by rank
  JobNumber job{};
};

class MpiThread {
 public:
  explicit MpiThread(const MpiOptions& options);
  ~MpiThread();
  MpiThread(const MpiThread&) = delete;
  MpiThread& operator=(const MpiThread&) = delete;

  // MPI_Init has returned; world() is valid from then on.
  [[nodiscard]] Status WaitUntilReady();
  [[nodiscard]] const MpiWorld& world() const { return world_; }

  // Its tasks run on the thread, between its calls of MPI.
  [[nodiscard]] StoppableExecutor* executor() { return &executor_; }

  void Start(Transport::Handler handler);
  void Send(Rank to, Frame frame);
  // All ranks stop together: returns when every frame sent to this rank has been delivered, or with
  // a log line after stop_deadline.
  void Stop();
  // After Stop(). False when MPI_Finalize did not return in time.
  [[nodiscard]] bool Finalize(Duration deadline);
  // MPI_Abort ends the process; returns only when it does not within `deadline`.
  void Abort(int exit_status, Duration deadline);

 private:
  enum class Life { kStarting, kRunning, kCounting, kReceiving, kStopped, kFinalized };

  void Run();
  [[nodiscard]] Status Init();
  [[nodiscard]] std::vector<bool> RanksOnThisHost() const;
  [[nodiscard]] JobNumber AgreeOnJob() const;
  void Loop();
  void TakeWishes();
  bool DeliverToSelf();
  bool MoveTowardsStop();
  void SetLife(Life life);
  void Idle();
  void Wake();

  const MpiOptions options_;

  // Written by the thread before it is ready.
  MpiWorld world_;
  Status init_status_;

  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable wake_;          // the thread sleeps on it
  std::condition_variable life_changed_;  // others wait on it
  std::vector<std::pair<Rank, Frame>> outgoing_;
  Transport::Handler new_handler_;
  bool stop_wanted_ = false;
  bool finalize_wanted_ = false;
  std::optional<int> abort_wanted_;
  Life life_ = Life::kStarting;  // written by the thread only
  bool sleeping_ = false;

  std::atomic<bool> wishes_ = false;  // something above is new, or work was posted

  PolledExecutor executor_;

  // Touched only by the thread.
  MPI_Comm comm_ = MPI_COMM_NULL;
  std::optional<MpiSender> sender_;
  std::optional<MpiReceiver> receiver_;
  Transport::Handler handler_;
  std::vector<std::pair<Rank, Frame>> taken_;  // reused
  std::deque<Frame, PoolAllocator<Frame>> to_self_;
  bool stopping_ = false;
  bool finalizing_ = false;
  TimePoint stop_at_{};
  MPI_Request count_request_ = MPI_REQUEST_NULL;
  std::vector<std::uint64_t> frames_expected_;
  TimePoint idle_since_{};

  std::thread thread_;
};

}  // namespace rookery
