// Whole numbers in fewer bits: value i takes the bits [i * bits, (i + 1) * bits) of the bytes, the
// lowest first. Part of the format of prepared files (docs/prepared_format.md).
//
// PackedBytes leaves 8 bytes behind the last value, so that reading needs no special end.
// Pure functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rookery {

inline constexpr unsigned kPackedBitsMax = 56;  // a value and its shift fit 64 bits
inline constexpr unsigned kIndexBitsMax = 16;

[[nodiscard]] constexpr std::size_t PackedBytes(std::size_t values, unsigned bits) {
  return (values + 7) / 8 * bits + 8;
}

// REQUIRES: bits <= kPackedBitsMax, each value below 2^bits, room for PackedBytes, which are zero.
void PackBits(std::span<const std::uint64_t> values, unsigned bits, std::byte* packed);

// REQUIRES: bits <= kPackedBitsMax, PackedBytes bytes at `packed`.
[[nodiscard]] std::uint64_t UnpackOne(const std::byte* packed, std::size_t index, unsigned bits);

// The first `count` values, and up to 7 more. REQUIRES: bits <= kIndexBitsMax, PackedBytes bytes at
// `packed`, room for `count` rounded up to 8.
void UnpackIndices(const std::byte* packed, unsigned bits, std::size_t count,
                   std::uint16_t* indices);

}  // namespace rookery
