// PolledExecutor: an Executor that runs on a thread which also does other things, and polls it in
// every turn of its loop. What that thread receives is handled without waking another.
//
// Owner    whoever has the thread. Threads: as Executor; Poll() and next_timer() by that thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "common/executor.h"

namespace rookery {

class PolledExecutor final : public StoppableExecutor {
 public:
  // `wake` is called after each post, from the poster's thread, without a lock of this class.
  explicit PolledExecutor(std::function<void()> wake);
  [[nodiscard]] TimePoint Now() const override;
  void Post(Work work) override;
  void PostAt(TimePoint when, Work work) override;
  void Stop() override;

  // Runs what is due, in the order of posts; true when anything ran.
  bool Poll();
  // The earliest timer; TimePoint::max() when there is none.
  [[nodiscard]] TimePoint next_timer() const { return next_timer_.load(std::memory_order_relaxed); }

 private:
  struct Timer {
    TimePoint when{};
    std::uint64_t number = 0;  // equal times run in the order of posts
    Work work;
  };
  static bool Later(const Timer& a, const Timer& b);
  void TakeDue(TimePoint now);

  const std::function<void()> wake_;
  std::atomic<bool> posted_any_ = false;  // posted_ is not empty
  std::atomic<TimePoint> next_timer_ = TimePoint::max();

  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable paused_;  // no task runs
  std::vector<Work> posted_;
  std::vector<Timer> timers_;  // a heap, the earliest first
  std::uint64_t timers_made_ = 0;
  std::thread::id running_on_;  // none: no task runs
  std::atomic<bool> stopped_ = false;

  std::vector<Work> taken_;  // reused; touched only by the polling thread
};

}  // namespace rookery
