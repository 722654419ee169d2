// StalenessGate: may this pull be answered yet? Pure: the clocks of the workers and one rule.
//
// A worker's clock is the number of steps it has pushed. A pull for step p sees staleness
// p - (the lowest clock of the active workers): so many steps of the slowest are missing in what it
// reads; its own pushes in flight count as well. Bound 0 is lock-step.
// All workers are active from the start; one that retires holds nobody back until it pushes again.
//
// Owner    the shard. Threads: its executor.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "common/types.h"

namespace rookery {

class StalenessGate {
 public:
  static constexpr std::uint64_t kUnbounded = std::numeric_limits<std::uint64_t>::max();
  static constexpr std::size_t kHistogramMax = 65;  // the last counts "64 or more"

  explicit StalenessGate(std::uint32_t workers, Step first = Step{0});

  void Reset(Step first);  // all active, all clocks = first; the histogram stays
  // REQUIRES (all three): worker < workers.
  void OnPush(std::uint32_t worker, Step step);
  void OnRetire(std::uint32_t worker);
  void OnPull(Step step);  // an answered pull of training: counts what it saw

  [[nodiscard]] std::uint64_t StalenessOf(Step step) const;
  [[nodiscard]] bool MayPull(Step step, std::uint64_t bound) const {
    return StalenessOf(step) <= bound;
  }
  // [s] pulls that saw staleness s; as long as the largest seen.
  [[nodiscard]] const std::vector<std::uint64_t>& histogram() const { return histogram_; }

 private:
  struct Worker {
    bool active = true;
    std::uint64_t clock = 0;
  };
  std::vector<Worker> workers_;
  std::vector<std::uint64_t> histogram_;
};

}  // namespace rookery
