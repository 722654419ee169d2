// Gather: waits for the answers of several servers at once. Done when all were handled, or with the
// first error without waiting for the others: their answers are then dropped unseen, so handlers
// may use what the waiting caller owns.
//
// Owner    shared by the waiting caller and one coroutine per answer. Threads: one executor.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "common/buffer.h"
#include "common/error.h"
#include "common/task.h"
#include "common/unique_function.h"

namespace rookery {

class Gather {
 public:
  using Handler = UniqueFunction<Status(Buffer answer)>;

  Gather(Executor* executor, std::size_t answers) : done_(executor), left_(answers) {}

  [[nodiscard]] Future<Status> done() const { return done_.future(); }
  // Handles the answer of `call` when it comes.
  static void Add(std::shared_ptr<Gather> gather, Future<StatusOr<Buffer>> call, Handler handler) {
    Spawn(Wait(std::move(gather), std::move(call), std::move(handler)));
  }

 private:
  static Task<> Wait(std::shared_ptr<Gather> gather, Future<StatusOr<Buffer>> call,
                     Handler handler) {
    StatusOr<Buffer> answer = co_await call;
    if (gather->done_.done()) co_return;
    Status status = answer.status();
    if (answer.ok()) status = handler(std::move(*answer));
    if (--gather->left_ == 0 || !status.ok()) gather->done_.Set(std::move(status));
  }

  Promise<Status> done_;
  std::size_t left_;
};

}  // namespace rookery
