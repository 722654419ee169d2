#include "ps/key_index.h"

#include <algorithm>

#include "common/check.h"

namespace rookery {

void KeyIndex::Place(const Entry& entry, unsigned bucket_bits) {
  const std::uint32_t mask = (1U << capacity_bits_) - 1;
  std::uint32_t slot = SlotOf(entry.mixed(), bucket_bits);
  while (entries_[slot].row_plus_one != 0) slot = (slot + 1) & mask;
  entries_[slot] = entry;
}

bool KeyIndex::Grow(unsigned bucket_bits, PageArena* arena) {
  Entry* const old = entries_;
  const std::size_t old_capacity = old == nullptr ? 0 : std::size_t{1} << capacity_bits_;
  const unsigned bits = old == nullptr ? kFirstCapacityBits : capacity_bits_ + 1;
  void* block = arena->Allocate(sizeof(Entry) << bits);
  if (block == nullptr) return false;
  entries_ = static_cast<Entry*>(block);
  capacity_bits_ = bits;
  for (std::size_t i = 0; i < old_capacity; ++i) {
    if (old[i].row_plus_one != 0) Place(old[i], bucket_bits);
  }
  if (old != nullptr) arena->Free(old, old_capacity * sizeof(Entry));
  return true;
}

bool KeyIndex::Insert(std::uint64_t mixed, std::uint32_t row, unsigned bucket_bits,
                      PageArena* arena) {
  ROOKERY_CHECK(row < kAbsent);
  const std::uint64_t capacity = entries_ == nullptr ? 0 : std::uint64_t{1} << capacity_bits_;
  // At most three quarters full.
  if ((std::uint64_t{size_} + 1) * 4 > capacity * 3 && !Grow(bucket_bits, arena)) return false;
  Place({static_cast<std::uint32_t>(mixed), static_cast<std::uint32_t>(mixed >> 32U), row + 1},
        bucket_bits);
  ++size_;
  return true;
}

std::vector<KeyIndex::Item> KeyIndex::Sorted() const {
  std::vector<Item> items;
  items.reserve(size_);
  const std::size_t capacity = entries_ == nullptr ? 0 : std::size_t{1} << capacity_bits_;
  for (std::size_t i = 0; i < capacity; ++i) {
    const Entry& entry = entries_[i];
    if (entry.row_plus_one != 0) items.push_back({entry.mixed(), entry.row_plus_one - 1});
  }
  std::sort(items.begin(), items.end(),
            [](const Item& a, const Item& b) { return a.mixed < b.mixed; });
  return items;
}

}  // namespace rookery
