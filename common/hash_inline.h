// HashText of common/hash.h without a call, for loops over cells of a few bytes, where the call and
// its branches take longer than the hash. Include it in such a loop's .cc file only.
#pragma once

#include <cstdint>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace rookery {

[[nodiscard]] inline std::uint64_t HashTextInline(std::string_view text, std::uint64_t seed) {
  return XXH3_64bits_withSeed(text.data(), text.size(), seed);
}

}  // namespace rookery
