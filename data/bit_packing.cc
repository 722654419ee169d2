#include "data/bit_packing.h"

#include <array>
#include <cstring>
#include <utility>

namespace rookery {
namespace {

constexpr std::size_t kGroup = 8;  // values that end at a byte, whatever the width

std::uint64_t Load(const std::byte* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  return word;
}

constexpr std::uint64_t MaskOf(unsigned bits) {
  return (std::uint64_t{1} << bits) - 1;
}

template <unsigned kBits>
void UnpackGroups(const std::byte* packed, std::size_t groups, std::uint16_t* indices) {
  for (std::size_t group = 0; group < groups; ++group, packed += kBits, indices += kGroup) {
#pragma GCC unroll 8
    for (unsigned i = 0; i < kGroup; ++i) {
      indices[i] = static_cast<std::uint16_t>((Load(packed + i * kBits / 8) >> (i * kBits % 8)) &
                                              MaskOf(kBits));
    }
  }
}

using Unpacker = void (*)(const std::byte*, std::size_t, std::uint16_t*);

template <unsigned... kBits>
constexpr std::array<Unpacker, sizeof...(kBits)> Unpackers(
    std::integer_sequence<unsigned, kBits...>) {
  return {&UnpackGroups<kBits>...};
}

constexpr auto kUnpackers = Unpackers(std::make_integer_sequence<unsigned, kIndexBitsMax + 1>());

}  // namespace

void PackBits(std::span<const std::uint64_t> values, unsigned bits, std::byte* packed) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::byte* const at = packed + i * bits / 8;
    const std::uint64_t word = Load(at) | values[i] << (i * bits % 8);
    std::memcpy(at, &word, sizeof(word));
  }
}

std::uint64_t UnpackOne(const std::byte* packed, std::size_t index, unsigned bits) {
  return (Load(packed + index * bits / 8) >> (index * bits % 8)) & MaskOf(bits);
}

void UnpackIndices(const std::byte* packed, unsigned bits, std::size_t count,
                   std::uint16_t* indices) {
  kUnpackers[bits](packed, (count + kGroup - 1) / kGroup, indices);
}

}  // namespace rookery
