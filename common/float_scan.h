// Looks for floats that are not finite or too large. The usual case, none, is one pass that
// vectorises. Pure.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace rookery {

// The largest |gradient element| that is applied to a row: its square is still far from infinity,
// and checkpoints refuse values beyond 1e30.
inline constexpr float kGradientMax = 1e15F;

// The bits of |value|: they order like magnitudes, and NaN is above infinity.
[[nodiscard]] inline std::uint32_t MagnitudeBits(float value) {
  return std::bit_cast<std::uint32_t>(value) & 0x7fffffffU;
}

[[nodiscard]] inline std::uint32_t LargestMagnitudeBits(std::span<const float> values) {
  std::uint32_t largest = 0;
  for (const float value : values) largest = std::max(largest, MagnitudeBits(value));
  return largest;
}

// The index of the first value that is not finite or beyond `limit` in size; values.size(): none.
[[nodiscard]] inline std::size_t FirstBeyond(std::span<const float> values, float limit) {
  const auto bits = std::bit_cast<std::uint32_t>(limit);
  if (LargestMagnitudeBits(values) <= bits) return values.size();
  const auto is_beyond = [bits](float value) { return MagnitudeBits(value) > bits; };
  return static_cast<std::size_t>(std::ranges::find_if(values, is_beyond) - values.begin());
}

}  // namespace rookery
