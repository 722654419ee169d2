#include "net/polled_executor.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace rookery {

PolledExecutor::PolledExecutor(std::function<void()> wake) : wake_(std::move(wake)) {}

TimePoint PolledExecutor::Now() const {
  return std::chrono::steady_clock::now();
}

void PolledExecutor::Post(Work work) {
  {
    std::lock_guard lock(mutex_);
    posted_.push_back(std::move(work));
    posted_any_.store(true, std::memory_order_release);
  }
  wake_();
}

bool PolledExecutor::Later(const Timer& a, const Timer& b) {
  return a.when != b.when ? a.when > b.when : a.number > b.number;
}

void PolledExecutor::PostAt(TimePoint when, Work work) {
  {
    std::lock_guard lock(mutex_);
    timers_.push_back({when, timers_made_++, std::move(work)});
    std::ranges::push_heap(timers_, Later);
    next_timer_.store(timers_.front().when, std::memory_order_relaxed);
  }
  wake_();
}

// REQUIRES: mutex_ is held.
void PolledExecutor::TakeDue(TimePoint now) {
  taken_.swap(posted_);
  posted_any_.store(false, std::memory_order_relaxed);
  while (!timers_.empty() && timers_.front().when <= now) {
    std::ranges::pop_heap(timers_, Later);
    taken_.push_back(std::move(timers_.back().work));
    timers_.pop_back();
  }
  next_timer_.store(timers_.empty() ? TimePoint::max() : timers_.front().when,
                    std::memory_order_relaxed);
}

bool PolledExecutor::Poll() {
  const TimePoint next = next_timer();
  const bool timer_due = next != TimePoint::max() && next <= Now();
  if (!timer_due && !posted_any_.load(std::memory_order_acquire)) return false;
  if (stopped_) return false;
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return false;
    running_on_ = std::this_thread::get_id();
    TakeDue(Now());
  }
  for (Work& work : taken_) {
    if (stopped_) break;
    Work once = std::move(work);  // it ends, and frees what it holds, before the next begins
    once();
  }
  {
    std::lock_guard lock(mutex_);
    running_on_ = {};
    if (stopped_) paused_.notify_all();
  }
  taken_.clear();
  return true;
}

void PolledExecutor::Stop() {
  std::unique_lock lock(mutex_);
  stopped_ = true;
  if (running_on_ == std::this_thread::get_id()) return;
  paused_.wait(lock, [this] { return running_on_ == std::thread::id(); });
}

}  // namespace rookery
