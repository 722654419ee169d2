// ManualExecutor: an Executor whose time moves only when the test says so. One thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <utility>

#include "common/executor.h"

namespace rookery {

class ManualExecutor final : public Executor {
 public:
  [[nodiscard]] TimePoint Now() const override { return now_; }
  void Post(Work work) override { ready_.push_back(std::move(work)); }
  void PostAt(TimePoint when, Work work) override { timers_.emplace(when, std::move(work)); }

  // Runs one task that is ready; false when there was none.
  bool RunOne() {
    if (ready_.empty()) return false;
    Work work = std::move(ready_.front());
    ready_.pop_front();
    work();
    return true;
  }
  void RunReady() {
    while (RunOne()) {
    }
  }
  // Moves time on, firing timers at their time and running what becomes ready.
  void Advance(Duration duration) {
    const TimePoint end = now_ + duration;
    RunReady();
    while (!timers_.empty() && timers_.begin()->first <= end) {
      now_ = std::max(now_, timers_.begin()->first);
      Post(std::move(timers_.begin()->second));
      timers_.erase(timers_.begin());
      RunReady();
    }
    now_ = end;
  }
  [[nodiscard]] std::size_t timers() const { return timers_.size(); }

 private:
  TimePoint now_{std::chrono::seconds(1000)};
  std::deque<Work> ready_;
  std::multimap<TimePoint, Work> timers_;
};

}  // namespace rookery
