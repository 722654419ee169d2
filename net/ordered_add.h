// The arithmetic of OrderedSum (net/collective.h). Pure functions, any thread.
#pragma once

#include <cstddef>
#include <span>

namespace rookery {

struct FloatRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] std::size_t size() const { return end - begin; }
};

// The floats that member `member` of `members` sums, of a vector of `length`: equal shares in whole
// cache lines, the last ones shorter or empty.
[[nodiscard]] FloatRange SegmentOf(std::size_t member, std::size_t members, std::size_t length);

// out[i] = slices[0][i] + slices[1][i] + ..., added from the left in fp32. `out` may be one of the
// slices. REQUIRES: at least one slice, each of out.size() floats.
void AddInOrder(std::span<const float* const> slices, std::span<float> out);

}  // namespace rookery
