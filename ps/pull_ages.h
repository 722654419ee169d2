// PullAges: how old the weights are that a push was computed from, in updates of this shard: those
// applied between the answer to the worker's pull for that step and the push.
//
// Owner    the shard. Threads: its executor.
// Memory   the last few pulls of each worker; a worker has at most three steps under way.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "common/types.h"

namespace rookery {

class PullAges {
 public:
  explicit PullAges(std::uint32_t workers) : workers_(workers) {}

  // A pull of training was answered after so many updates. REQUIRES (both): worker < workers.
  void OnPull(std::uint32_t worker, Step step, std::uint64_t updates);
  // Of a push that is about to be applied after so many updates; 0 when its pull is not known.
  [[nodiscard]] std::uint64_t AgeOf(std::uint32_t worker, Step step, std::uint64_t updates) const;

 private:
  static constexpr std::size_t kPulls = 4;
  struct Pull {
    bool known = false;
    Step step{};
    std::uint64_t updates = 0;
  };
  struct Worker {
    std::array<Pull, kPulls> pulls;
    std::size_t oldest = 0;
  };
  std::vector<Worker> workers_;
};

}  // namespace rookery
