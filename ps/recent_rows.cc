#include "ps/recent_rows.h"

#include <algorithm>

namespace rookery {

RecentRows::Room RecentRows::Remember(std::span<const Key> keys, bool numbers) {
  Pull& pull = pulls_[oldest_];
  oldest_ = (oldest_ + 1) % kPulls;
  pull.keys.assign(keys.begin(), keys.end());
  pull.rows.resize(keys.size());
  pull.numbers.resize(numbers ? keys.size() : 0);
  return {pull.rows, pull.numbers};
}

RecentRows::Found RecentRows::Find(std::span<const Key> keys) const {
  for (const Pull& pull : pulls_) {
    if (std::ranges::equal(pull.keys, keys)) return {pull.rows, pull.numbers};
  }
  return {};
}

void RecentRows::Forget() {
  for (Pull& pull : pulls_) pull = Pull();
}

std::size_t RecentRows::bytes() const {
  std::size_t bytes = 0;
  for (const Pull& pull : pulls_) {
    bytes += pull.keys.capacity() * sizeof(Key) + pull.rows.capacity() * sizeof(float*) +
             pull.numbers.capacity() * sizeof(std::uint32_t);
  }
  return bytes;
}

}  // namespace rookery
