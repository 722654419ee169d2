// co_await Yield{executor}: lets what waits on the executor run first.
#pragma once

#include <coroutine>

#include "common/executor.h"

namespace rookery {

struct Yield {
  Executor* executor;
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiter) const {
    executor->Post([waiter] { waiter.resume(); });
  }
  void await_resume() const noexcept {}
};

}  // namespace rookery
