#include "ps/pull_ages.h"

#include <algorithm>

#include "common/check.h"

namespace rookery {

void PullAges::OnPull(std::uint32_t worker, Step step, std::uint64_t updates) {
  ROOKERY_CHECK(worker < workers_.size());
  Worker& of = workers_[worker];
  of.pulls[of.oldest] = {true, step, updates};
  of.oldest = (of.oldest + 1) % kPulls;
}

std::uint64_t PullAges::AgeOf(std::uint32_t worker, Step step, std::uint64_t updates) const {
  ROOKERY_CHECK(worker < workers_.size());
  std::uint64_t latest = 0;
  bool known = false;
  for (const Pull& pull : workers_[worker].pulls) {
    if (!pull.known || pull.step != step) continue;
    latest = std::max(latest, pull.updates);
    known = true;
  }
  return known && latest < updates ? updates - latest : 0;
}

}  // namespace rookery
