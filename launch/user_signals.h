// UserSignals: catches SIGINT, SIGTERM and SIGUSR1 of this process for as long as it lives,
// remembers that a person wants an end, and passes them on to a child.
//
// Owner    a command; one at a time. Threads: the main thread.
#pragma once

#include <sys/types.h>

#include <memory>

#include "common/executor.h"

namespace rookery {

class UserSignals {
 public:
  // `gentle`: the first SIGTERM is passed on as SIGUSR1, so that a job can write a checkpoint.
  explicit UserSignals(bool gentle);
  ~UserSignals();  // the old handlers again
  UserSignals(const UserSignals&) = delete;
  UserSignals& operator=(const UserSignals&) = delete;

  // The first one that came; 0: none.
  [[nodiscard]] static int received();
  // Signals that have come already go to the child as well. 0: nobody.
  static void ForwardTo(pid_t child);
  // False when a signal came before the end of the wait, or before.
  [[nodiscard]] static bool Wait(Duration duration);

 private:
  struct Saved;
  std::unique_ptr<Saved> saved_;
};

}  // namespace rookery
