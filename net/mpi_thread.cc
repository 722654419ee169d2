#include "net/mpi_thread.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <random>

#include "common/check.h"
#include "common/limits.h"
#include "common/log.h"
#include "net/idle_backoff.h"
#include "net/mpi_check.h"

namespace rookery {
namespace {

TimePoint Clock() {
  return std::chrono::steady_clock::now();
}

}  // namespace

MpiThread::MpiThread(const MpiOptions& options)
    : options_(options),
      executor_([this] {
        std::lock_guard lock(mutex_);
        Wake();
      }),
      thread_([this] {
        pthread_setname_np(pthread_self(), "mpi");
        Run();
      }) {}

MpiThread::~MpiThread() {
  ROOKERY_CHECK(life_ == Life::kFinalized) << "destroyed before Finalize()";
  thread_.join();
}

Status MpiThread::WaitUntilReady() {
  std::unique_lock lock(mutex_);
  life_changed_.wait(lock, [this] { return life_ != Life::kStarting; });
  return init_status_;
}

void MpiThread::Start(Transport::Handler handler) {
  std::lock_guard lock(mutex_);
  new_handler_ = std::move(handler);
  Wake();
}

void MpiThread::Send(Rank to, Frame frame) {
  const FrameCheck check = world_.on_this_host[Raw(to)] ? FrameCheck::kHeader : FrameCheck::kAll;
  if (to != world_.rank) (void)SealFrame(frame, world_.job, check);
  std::lock_guard lock(mutex_);
  if (stop_wanted_) return;
  outgoing_.emplace_back(to, std::move(frame));
  Wake();
}

void MpiThread::Wake() {
  wishes_.store(true, std::memory_order_release);
  if (sleeping_) wake_.notify_one();
}

void MpiThread::Stop() {
  std::unique_lock lock(mutex_);
  stop_wanted_ = true;
  Wake();
  life_changed_.wait(lock, [this] { return life_ >= Life::kStopped; });
}

bool MpiThread::Finalize(Duration deadline) {
  std::unique_lock lock(mutex_);
  finalize_wanted_ = true;
  Wake();
  return life_changed_.wait_for(lock, deadline, [this] { return life_ == Life::kFinalized; });
}

void MpiThread::Abort(int exit_status, Duration deadline) {
  if (std::this_thread::get_id() == thread_.get_id()) MPI_Abort(MPI_COMM_WORLD, exit_status);
  std::unique_lock lock(mutex_);
  abort_wanted_ = exit_status;
  Wake();
  life_changed_.wait_for(lock, deadline, [] { return false; });
}

void MpiThread::SetLife(Life life) {
  std::lock_guard lock(mutex_);
  life_ = life;
  life_changed_.notify_all();
}

Status MpiThread::Init() {
  int provided = MPI_THREAD_SINGLE;
  if (MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided) != MPI_SUCCESS) {
    return {Code::kUnavailable, "MPI_Init_thread failed"};
  }
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  int rank = 0;
  int ranks = 0;
  CheckMpi(MPI_Comm_dup(MPI_COMM_WORLD, &comm_), "MPI_Comm_dup", kNoPeer);
  CheckMpi(MPI_Comm_set_errhandler(comm_, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler", kNoPeer);
  CheckMpi(MPI_Comm_rank(comm_, &rank), "MPI_Comm_rank", kNoPeer);
  CheckMpi(MPI_Comm_size(comm_, &ranks), "MPI_Comm_size", rank);
  char host[MPI_MAX_PROCESSOR_NAME] = {};
  int host_bytes = 0;
  CheckMpi(MPI_Get_processor_name(host, &host_bytes), "MPI_Get_processor_name", rank);
  world_ = {Rank{static_cast<std::uint32_t>(rank)}, static_cast<std::uint32_t>(ranks), host,
            RanksOnThisHost(), AgreeOnJob()};
  if (provided < MPI_THREAD_FUNNELED) {
    return {Code::kUnavailable, "MPI gives no MPI_THREAD_FUNNELED; Rookery needs it"};
  }
  if (world_.ranks > kRanksMax) {
    return {Code::kExhausted, StrCat(ranks, " ranks, at most ", kRanksMax)};
  }
  return OkStatus();
}

std::vector<bool> MpiThread::RanksOnThisHost() const {
  MPI_Comm host = MPI_COMM_NULL;
  CheckMpi(MPI_Comm_split_type(comm_, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host),
           "MPI_Comm_split_type", kNoPeer);
  int ranks = 0;
  int ranks_on_host = 0;
  int own_rank = 0;
  MPI_Comm_size(comm_, &ranks);
  MPI_Comm_size(host, &ranks_on_host);
  MPI_Comm_rank(comm_, &own_rank);
  std::vector<int> members(static_cast<std::size_t>(ranks_on_host));
  CheckMpi(MPI_Allgather(&own_rank, 1, MPI_INT, members.data(), 1, MPI_INT, host), "MPI_Allgather",
           own_rank);
  CheckMpi(MPI_Comm_free(&host), "MPI_Comm_free", own_rank);
  std::vector<bool> on_this_host(static_cast<std::size_t>(ranks));
  for (const int member : members) on_this_host[static_cast<std::size_t>(member)] = true;
  return on_this_host;
}

// Drawn by rank 0.
JobNumber MpiThread::AgreeOnJob() const {
  std::random_device random;
  std::uint64_t number = std::uint64_t{random()} << 32U | random();
  CheckMpi(MPI_Bcast(&number, 1, MPI_UINT64_T, 0, comm_), "MPI_Bcast", kNoPeer);
  return JobNumber{number};
}

void MpiThread::Run() {
  init_status_ = Init();
  if (init_status_.ok()) {
    sender_.emplace(comm_, options_.bytes_in_flight_max);
    receiver_.emplace(comm_, world_.job);
    SetLife(Life::kRunning);
    Loop();
  }
  int initialized = 0;
  MPI_Initialized(&initialized);
  if (comm_ != MPI_COMM_NULL) MPI_Comm_free(&comm_);
  if (initialized != 0) MPI_Finalize();
  SetLife(Life::kFinalized);
}

void MpiThread::Loop() {
  idle_since_ = Clock();
  while (!finalizing_) {
    if (wishes_.exchange(false, std::memory_order_acquire)) TakeWishes();
    bool moved = DeliverToSelf();
    moved = sender_->Poll() || moved;
    const bool receives = handler_ || stopping_;  // before Start() frames wait inside MPI
    if (receives && life_ < Life::kStopped) moved = receiver_->Poll(handler_) || moved;
    if (stopping_ && life_ < Life::kStopped) moved = MoveTowardsStop() || moved;
    const bool worked = executor_.Poll();
    if (moved) idle_since_ = Clock();
    if (!moved && !worked) Idle();
  }
}

void MpiThread::TakeWishes() {
  {
    std::lock_guard lock(mutex_);
    if (abort_wanted_) MPI_Abort(MPI_COMM_WORLD, *abort_wanted_);
    taken_.swap(outgoing_);
    if (new_handler_) handler_ = std::exchange(new_handler_, {});
    if (stop_wanted_ && !stopping_) {
      stopping_ = true;
      stop_at_ = Clock() + options_.stop_deadline;
    }
    finalizing_ = finalize_wanted_;
  }
  for (auto& [to, frame] : taken_) {
    if (to == world_.rank) {
      to_self_.push_back(std::move(frame));
    } else {
      sender_->Queue(to, std::move(frame));
    }
  }
  if (!taken_.empty()) idle_since_ = Clock();
  taken_.clear();
}

bool MpiThread::DeliverToSelf() {
  if (to_self_.empty() || !handler_) return false;
  while (!to_self_.empty()) {
    Frame frame = std::move(to_self_.front());
    to_self_.pop_front();
    handler_(world_.rank, std::move(frame));
  }
  return true;
}

// Each step begins when the one before is done: our sends; how many frames each rank has sent to us
// (known once all ranks are stopping); their arrival.
bool MpiThread::MoveTowardsStop() {
  if (Clock() > stop_at_) {
    ROOKERY_LOG(ERROR) << "rank " << Raw(world_.rank) << ": other ranks have not stopped within "
                       << Seconds(options_.stop_deadline) << " s; messages may be lost";
    handler_ = nullptr;
    SetLife(Life::kStopped);
    return true;
  }
  if (life_ == Life::kRunning && sender_->empty()) {
    frames_expected_.resize(world_.ranks);
    CheckMpi(MPI_Ialltoall(sender_->frames_sent().data(), 1, MPI_UINT64_T, frames_expected_.data(),
                           1, MPI_UINT64_T, comm_, &count_request_),
             "MPI_Ialltoall", static_cast<int>(Raw(world_.rank)));
    SetLife(Life::kCounting);
    return true;
  }
  if (life_ == Life::kCounting) {
    int done = 0;
    CheckMpi(MPI_Test(&count_request_, &done, MPI_STATUS_IGNORE), "MPI_Ialltoall",
             static_cast<int>(Raw(world_.rank)));
    if (done == 0) return false;
    SetLife(Life::kReceiving);
    return true;
  }
  if (life_ == Life::kReceiving &&
      std::ranges::equal(receiver_->frames_received(), frames_expected_, std::greater_equal<>())) {
    receiver_->Close();
    handler_ = nullptr;
    SetLife(Life::kStopped);
    return true;
  }
  return false;
}

void MpiThread::Idle() {
  const bool pending = !sender_->empty() || receiver_->payload_pending();
  const IdleStep step = NextIdleStep({options_.spin, options_.idle_sleep_max},
                                     Clock() - idle_since_, pending || life_ == Life::kCounting);
  if (step.action == IdleAction::kSpin) return;
  if (step.action == IdleAction::kYield) return std::this_thread::yield();
  const TimePoint until = std::min(Clock() + step.sleep, executor_.next_timer());
  std::unique_lock lock(mutex_);
  sleeping_ = true;
  wake_.wait_until(lock, until, [this] { return wishes_.load(std::memory_order_relaxed); });
  sleeping_ = false;
}

}  // namespace rookery
