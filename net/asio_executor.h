// AsioExecutor: production Executor: one thread running one Boost.Asio io_context.
//
// Owner    the composition root. Stop() or the destructor ends the thread after the running task;
// tasks that have not begun are dropped.
#pragma once

#include <memory>
#include <string>

#include "common/executor.h"

namespace rookery {

class AsioExecutor final : public StoppableExecutor {
 public:
  explicit AsioExecutor(std::string thread_name);  // shown by top -H; at most 15 characters
  ~AsioExecutor() override;
  [[nodiscard]] TimePoint Now() const override;
  void Post(Work work) override;
  void PostAt(TimePoint when, Work work) override;
  void Stop() override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rookery
