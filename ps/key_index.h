// KeyIndex: key -> row number inside one bucket: open addressing with linear probing.
//
// Entries hold the mixed key (MixKey is a bijection, so equal mixed keys are equal keys) and the
// row number + 1; 0 is empty, so every 64-bit key is legal. A key's slot is given by the bits below
// the bucket's, so that keys which ascend by MixKey walk through memory upwards.
//
// Owner    the bucket; memory comes from the table's arena. Threads: the table's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/hash.h"
#include "common/types.h"
#include "ps/page_arena.h"

namespace rookery {

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

class KeyIndex {
 public:
  static constexpr std::uint32_t kAbsent = 0xffffffffU;

  [[nodiscard]] std::uint32_t size() const { return size_; }
  // `bucket_bits`: how many top bits of `mixed` are the same for all keys of this index.
  void Prefetch(std::uint64_t mixed, unsigned bucket_bits) const {
    if (entries_ != nullptr) __builtin_prefetch(&entries_[SlotOf(mixed, bucket_bits)]);
  }
  // The row number, or kAbsent.
  [[nodiscard]] std::uint32_t Find(std::uint64_t mixed, unsigned bucket_bits) const {
    if (entries_ == nullptr) return kAbsent;
    const std::uint32_t mask = (1U << capacity_bits_) - 1;
    for (std::uint32_t slot = SlotOf(mixed, bucket_bits);; slot = (slot + 1) & mask) {
      const Entry& entry = entries_[slot];
      if (entry.row_plus_one == 0) return kAbsent;
      if (entry.mixed() == mixed) return entry.row_plus_one - 1;
    }
  }
  // REQUIRES: absent; row < kAbsent. False when there is no memory: nothing changed.
  [[nodiscard]] bool Insert(std::uint64_t mixed, std::uint32_t row, unsigned bucket_bits,
                            PageArena* arena);
  // Ascending by mixed.
  struct Item {
    std::uint64_t mixed;
    std::uint32_t row;
  };
  [[nodiscard]] std::vector<Item> Sorted() const;

 private:
  static constexpr unsigned kFirstCapacityBits = 3;

  struct Entry {  // 12 bytes
    std::uint32_t mixed_low;
    std::uint32_t mixed_high;
    std::uint32_t row_plus_one;
    [[nodiscard]] std::uint64_t mixed() const {
      return std::uint64_t{mixed_high} << 32U | mixed_low;
    }
  };
  [[nodiscard]] std::uint32_t SlotOf(std::uint64_t mixed, unsigned bucket_bits) const {
    return static_cast<std::uint32_t>((mixed << bucket_bits) >> (64U - capacity_bits_));
  }
  void Place(const Entry& entry, unsigned bucket_bits);
  [[nodiscard]] bool Grow(unsigned bucket_bits, PageArena* arena);

  Entry* entries_ = nullptr;
  unsigned capacity_bits_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace rookery
