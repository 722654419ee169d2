#include "ps/pull_ages.h"

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
  const Worker& of = workers_[worker];
  for (std::size_t back = 1; back <= kPulls; ++back) {
    const Pull& pull = of.pulls[(of.oldest + kPulls - back) % kPulls];
    if (!pull.known || pull.step != step) continue;
    return pull.updates < updates ? updates - pull.updates : 0;
  }
  return 0;
}

}  // namespace rookery
