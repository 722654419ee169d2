#include "ps/staleness_gate.h"

#include <algorithm>

#include "common/check.h"

namespace rookery {

StalenessGate::StalenessGate(std::uint32_t workers, Step first) : workers_(workers) {
  Reset(first);
}

void StalenessGate::Reset(Step first) {
  for (Worker& worker : workers_) worker = {true, Raw(first)};
}

void StalenessGate::OnPush(std::uint32_t worker, Step step) {
  ROOKERY_CHECK(worker < workers_.size());
  workers_[worker] = {true, std::max(workers_[worker].clock, Raw(step) + 1)};
}

void StalenessGate::OnRetire(std::uint32_t worker) {
  ROOKERY_CHECK(worker < workers_.size());
  workers_[worker].active = false;
}

std::uint64_t StalenessGate::StalenessOf(Step step) const {
  std::uint64_t lowest = Raw(step);
  for (const Worker& worker : workers_) {
    if (worker.active) lowest = std::min(lowest, worker.clock);
  }
  return Raw(step) - lowest;
}

void StalenessGate::OnPull(Step step) {
  const std::size_t seen = std::min<std::uint64_t>(StalenessOf(step), kHistogramMax - 1);
  if (histogram_.size() <= seen) histogram_.resize(seen + 1);
  ++histogram_[seen];
}

}  // namespace rookery
