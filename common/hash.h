// Hashes that are part of the file formats: their values never change (tests/common/hash_test.cc
// pins them). Pure functions, any thread.
//
//   HashBytes   XXH3-64 with a seed: checksums, and a categorical value's key
//               (docs/export_format.md "Keys": any language can compute it).
//   MixKey      a bijection of 64-bit keys (Stafford's mix13, the finaliser of SplitMix64);
//               a key's bucket is the top bits of MixKey(key).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "common/types.h"

namespace rookery {

[[nodiscard]] std::uint64_t HashBytes(std::span<const std::byte> bytes, std::uint64_t seed = 0);
[[nodiscard]] std::uint64_t HashText(std::string_view text, std::uint64_t seed = 0);

[[nodiscard]] constexpr std::uint64_t MixKey(Key key) {
  key ^= key >> 30U;
  key *= 0xbf58476d1ce4e5b9U;
  key ^= key >> 27U;
  key *= 0x94d049bb133111ebU;
  key ^= key >> 31U;
  return key;
}

// The inverse of MixKey.
[[nodiscard]] constexpr Key UnmixKey(std::uint64_t mixed) {
  mixed ^= (mixed >> 31U) ^ (mixed >> 62U);
  mixed *= 0x319642b2d24d8ec3U;
  mixed ^= (mixed >> 27U) ^ (mixed >> 54U);
  mixed *= 0x96de1b173f119089U;
  mixed ^= (mixed >> 30U) ^ (mixed >> 60U);
  return mixed;
}
static_assert(UnmixKey(MixKey(0)) == 0 && UnmixKey(MixKey(~Key{0})) == ~Key{0});
static_assert(UnmixKey(MixKey(0x0123456789abcdefU)) == 0x0123456789abcdefU);

// REQUIRES: buckets is a power of two, at least 2.
[[nodiscard]] constexpr BucketId BucketOf(Key key, std::uint32_t buckets) {
  const int bits = __builtin_ctz(buckets);
  return BucketId{static_cast<std::uint32_t>(MixKey(key) >> (64 - bits))};
}

// Bytes arrive in pieces; Digest() is the same as HashBytes over their concatenation.
class StreamHash {
 public:
  explicit StreamHash(std::uint64_t seed = 0);
  ~StreamHash();
  StreamHash(const StreamHash&) = delete;
  StreamHash& operator=(const StreamHash&) = delete;
  void Update(std::span<const std::byte> bytes);
  [[nodiscard]] std::uint64_t Digest() const;

 private:
  void* state_;
};

}  // namespace rookery
