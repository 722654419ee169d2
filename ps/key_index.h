// KeyIndex: key -> row number inside one bucket: a hash table whose entries lie in cache lines of
// five; a key whose line is full goes to the next one. At most 70 % full, so nearly every key is
// in its own line.
//
// Entries hold the mixed key (MixKey is a bijection, so equal mixed keys are equal keys). A key's
// line is given by the bits below the bucket's, so that keys which ascend by MixKey walk through
// memory upwards. Growth is twofold, later by half, in order.
//
// Owner    the bucket's table; memory comes from its arena. Threads: the table's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/hash.h"
#include "common/prefetch.h"
#include "common/types.h"
#include "ps/page_arena.h"

namespace rookery {

class KeyIndex {
 public:
  static constexpr std::uint32_t kAbsent = 0xffffffffU;
  static constexpr std::size_t kLineBytes = 64;

  [[nodiscard]] std::uint32_t size() const { return size_; }
  // `bucket_bits`: how many top bits of `mixed` are the same for all keys of this index.
  void Prefetch(std::uint64_t mixed, unsigned bucket_bits) const {
    rookery::Prefetch(lines_ + LineOf(mixed, bucket_bits, line_count_));
  }
  // The row number, or kAbsent.
  [[nodiscard]] std::uint32_t Find(std::uint64_t mixed, unsigned bucket_bits) const {
    if (lines_ == nullptr) return kAbsent;
    for (std::uint32_t i = LineOf(mixed, bucket_bits, line_count_);; i = After(i)) {
      const Line& line = lines_[i];
      const std::uint32_t hits = line.Match(mixed);
      if (hits != 0) return line.row[__builtin_ctz(hits)];
      if (line.count == kPassed) continue;
      // An insert, which may follow, will want the next one.
      if (line.full()) rookery::Prefetch(lines_ + After(i));
      return kAbsent;
    }
  }
  // Makes room for `size` entries in all. False when there is no memory: nothing changed.
  [[nodiscard]] bool Reserve(std::uint64_t size, unsigned bucket_bits, PageArena* arena) {
    return size <= EntriesMax(line_count_) || Grow(size, bucket_bits, arena);
  }
  // What Reserve(size) will ask the arena for; 0: nothing.
  [[nodiscard]] std::uint64_t BytesToReserve(std::uint64_t size) const {
    return size <= EntriesMax(line_count_) ? 0 : LinesFor(line_count_, size) * kLineBytes;
  }
  // The lines that an index of `lines` grows to for `size` entries, and how many those may hold.
  [[nodiscard]] static std::uint64_t LinesFor(std::uint64_t lines, std::uint64_t size);
  [[nodiscard]] static std::uint64_t EntriesMax(std::uint64_t lines) { return lines * 7 / 2; }
  // REQUIRES: absent; row < kAbsent; there is room.
  void Insert(std::uint64_t mixed, std::uint32_t row, unsigned bucket_bits);
  // Those whose row is wanted(), ascending by mixed.
  struct Item {
    std::uint64_t mixed;
    std::uint32_t row;
  };
  template <class Wanted>
  void Sorted(unsigned bucket_bits, std::vector<Item>* items, const Wanted& wanted) const;

 private:
  static constexpr std::uint32_t kLineEntries = 5;
  static constexpr std::uint32_t kPassed = kLineEntries + 1;

  struct Line {  // a cache line
    std::uint64_t mixed[kLineEntries];
    std::uint32_t row[kLineEntries];
    std::uint32_t count;  // entries, from the front; kPassed: full, and others went on from here

    [[nodiscard]] bool full() const { return count >= kLineEntries; }
    [[nodiscard]] std::uint32_t size() const { return count < kLineEntries ? count : kLineEntries; }
    // Bit i: entry i has this key.
    [[nodiscard]] std::uint32_t Match(std::uint64_t key) const {
      std::uint32_t hits = 0;
      for (std::uint32_t i = 0; i < kLineEntries; ++i) {
        hits |= static_cast<std::uint32_t>(mixed[i] == key) << i;
      }
      return hits & ((1U << count) - 1);
    }
  };
  static_assert(sizeof(Line) == kLineBytes);

  [[nodiscard]] static std::uint32_t LineOf(std::uint64_t mixed, unsigned bucket_bits,
                                            std::uint32_t line_count) {
    return static_cast<std::uint32_t>((((mixed << bucket_bits) >> 32U) * line_count) >> 32U);
  }
  static void Place(Line* lines, std::uint32_t line_count, std::uint64_t mixed, std::uint32_t row,
                    unsigned bucket_bits);
  [[nodiscard]] std::uint32_t After(std::uint32_t line) const {
    return line + 1 == line_count_ ? 0 : line + 1;
  }
  [[nodiscard]] bool Grow(std::uint64_t size, unsigned bucket_bits, PageArena* arena);

  Line* lines_ = nullptr;
  std::uint32_t line_count_ = 0;
  std::uint32_t size_ = 0;
};

// Lines ascend, but for entries that went on to a later line, or around the end to the first ones:
// those come last. What is left to do for a sort by insertion is little.
template <class Wanted>
void KeyIndex::Sorted(unsigned bucket_bits, std::vector<Item>* items, const Wanted& wanted) const {
  items->clear();
  for (const bool wrapped : {false, true}) {
    for (std::uint32_t i = 0; i < line_count_; ++i) {
      const Line& line = lines_[i];
      for (std::uint32_t k = 0; k < line.size(); ++k) {
        if ((LineOf(line.mixed[k], bucket_bits, line_count_) > i) == wrapped &&
            wanted(line.row[k])) {
          items->push_back({line.mixed[k], line.row[k]});
        }
      }
      if (wrapped && !line.full()) break;
    }
  }
  for (std::size_t i = 1; i < items->size(); ++i) {
    const Item item = (*items)[i];
    std::size_t at = i;
    for (; at > 0 && item.mixed < (*items)[at - 1].mixed; --at) (*items)[at] = (*items)[at - 1];
    (*items)[at] = item;
  }
}

}  // namespace rookery
