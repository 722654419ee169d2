#include "net/ordered_add.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "common/check.h"

namespace rookery {
namespace {

constexpr std::size_t kBlockFloats = 4096;    // stays in the first-level cache
constexpr std::size_t kSegmentMultiple = 16;  // floats in a cache line

void AddTo(float* __restrict sum, const float* __restrict values, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) sum[i] += values[i];
}

}  // namespace

FloatRange SegmentOf(std::size_t member, std::size_t members, std::size_t length) {
  const std::size_t share = (length + members - 1) / members;
  const std::size_t stride = (share + kSegmentMultiple - 1) / kSegmentMultiple * kSegmentMultiple;
  return {std::min(length, member * stride), std::min(length, (member + 1) * stride)};
}

void AddInOrder(std::span<const float* const> slices, std::span<float> out) {
  ROOKERY_CHECK(!slices.empty());
  std::array<float, kBlockFloats> block;
  for (std::size_t begin = 0; begin < out.size(); begin += kBlockFloats) {
    const std::size_t count = std::min(kBlockFloats, out.size() - begin);
    std::memcpy(block.data(), slices[0] + begin, count * sizeof(float));
    for (const float* slice : slices.subspan(1)) AddTo(block.data(), slice + begin, count);
    std::memcpy(out.data() + begin, block.data(), count * sizeof(float));
  }
}

}  // namespace rookery
