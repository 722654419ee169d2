// Keys as tables want them: unique and ascending by MixKey.
#pragma once

#include <algorithm>
#include <vector>

#include "common/hash.h"
#include "common/random.h"

namespace rookery::testing {

inline std::vector<Key> Ordered(std::vector<Key> keys) {
  std::sort(keys.begin(), keys.end(), [](Key a, Key b) { return MixKey(a) < MixKey(b); });
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return keys;
}

// About `count` of the keys [0, range).
inline std::vector<Key> DrawKeys(Random* random, std::size_t count, std::uint64_t range) {
  std::vector<Key> keys(count);
  for (Key& key : keys) key = random->NextBelow(range);
  return Ordered(std::move(keys));
}

}  // namespace rookery::testing
