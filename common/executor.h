// Executor: the only door to time and deferred work (seam 1 of 3).
//
// Owner    made by the composition root; outlives everything that runs on it.
// Threads  Now, Post and PostAt may be called from any thread. Tasks of one Executor never overlap,
//          so what is touched only by its tasks needs no lock.
// Order    tasks posted by one thread run in that order; PostAt never runs early.
// Implementations: net/asio_executor (production), net/polled_executor (on a
// thread that does other things too), tests/sim (virtual time).
#pragma once

#include <chrono>

#include "common/unique_function.h"

namespace rookery {

using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

class Executor {
 public:
  using Work = UniqueFunction<void()>;

  virtual ~Executor() = default;
  [[nodiscard]] virtual TimePoint Now() const = 0;
  // Runs `work` later, never inside this call.
  virtual void Post(Work work) = 0;
  virtual void PostAt(TimePoint when, Work work) = 0;
};

// An executor whose owner can end it. After Stop() no task runs any more: it waits for the running
// one, unless that calls it, and those that have not begun are dropped.
class StoppableExecutor : public Executor {
 public:
  virtual void Stop() = 0;
};

[[nodiscard]] inline double Seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace rookery
