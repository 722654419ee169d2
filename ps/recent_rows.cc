#include "ps/recent_rows.h"

#include <algorithm>

namespace rookery {

std::span<float*> RecentRows::Remember(std::span<const Key> keys) {
  Pull& pull = pulls_[oldest_];
  oldest_ = (oldest_ + 1) % kPulls;
  pull.keys.assign(keys.begin(), keys.end());
  pull.rows.resize(keys.size());
  return pull.rows;
}

std::span<float* const> RecentRows::Find(std::span<const Key> keys) const {
  for (const Pull& pull : pulls_) {
    if (std::ranges::equal(pull.keys, keys)) return pull.rows;
  }
  return {};
}

void RecentRows::Forget() {
  for (Pull& pull : pulls_) pull = Pull();
}

std::size_t RecentRows::bytes() const {
  std::size_t bytes = 0;
  for (const Pull& pull : pulls_) {
    bytes += pull.keys.capacity() * sizeof(Key) + pull.rows.capacity() * sizeof(float*);
  }
  return bytes;
}

}  // namespace rookery
