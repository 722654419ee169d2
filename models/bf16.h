// Bf16: the upper half of a float: its range, with 8 bits of precision.
//
// Threads  pure functions.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace rookery {

using Bf16 = std::uint16_t;

// What a tower multiplies in while it trains. Sums, master weights and updates are fp32 always.
enum class Dtype : std::uint8_t { kFp32, kBf16 };

// To the nearest, ties to even. NaN stays NaN; what is too large becomes infinite.
inline Bf16 ToBf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = (bits + 0x7fffU + ((bits >> 16U) & 1U)) >> 16U;
  const std::uint32_t quiet_nan = (bits >> 16U) | 0x40U;
  const bool is_nan = (bits & 0x7fffffffU) > 0x7f800000U;
  return static_cast<Bf16>(is_nan ? quiet_nan : rounded);
}

inline float FromBf16(Bf16 value) {
  return std::bit_cast<float>(std::uint32_t{value} << 16U);
}

inline void ToBf16(const float* __restrict from, std::size_t count, Bf16* __restrict to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = ToBf16(from[i]);
}

inline void FromBf16(const Bf16* __restrict from, std::size_t count, float* __restrict to) {
  for (std::size_t i = 0; i < count; ++i) to[i] = FromBf16(from[i]);
}

}  // namespace rookery
