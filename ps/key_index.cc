#include "ps/key_index.h"

#include <algorithm>
#include <limits>

#include "common/check.h"

namespace rookery {

void KeyIndex::Insert(std::uint64_t mixed, std::uint32_t row, unsigned bucket_bits) {
  ROOKERY_CHECK(row < kAbsent && size_ < EntriesMax(line_count_));
  std::uint32_t i = LineOf(mixed, bucket_bits);
  while (lines_[i].count == kLineEntries) i = After(i);
  Line& line = lines_[i];
  line.mixed[line.count] = mixed;
  line.row[line.count] = row;
  ++line.count;
  ++size_;
}

bool KeyIndex::Grow(std::uint64_t size, unsigned bucket_bits, PageArena* arena) {
  const KeyIndex old = *this;
  std::uint64_t lines = std::max<std::uint64_t>(old.line_count_, 1);
  while (EntriesMax(lines) < size) lines += (lines + 1) / 2;
  if (lines > std::numeric_limits<std::uint32_t>::max()) return false;
  void* block = arena->Allocate(lines * sizeof(Line));
  if (block == nullptr) return false;
  lines_ = static_cast<Line*>(block);
  line_count_ = static_cast<std::uint32_t>(lines);
  size_ = 0;
  for (std::uint32_t i = 0; i < old.line_count_; ++i) {
    const Line& line = old.lines_[i];
    for (std::uint32_t k = 0; k < line.count; ++k) Insert(line.mixed[k], line.row[k], bucket_bits);
  }
  if (old.lines_ != nullptr) arena->Free(old.lines_, old.line_count_ * sizeof(Line));
  return true;
}

// Lines ascend, but for entries that went on to a later line, or around the end to the first ones:
// those come last. What is left to do for a sort by insertion is little.
void KeyIndex::Sorted(unsigned bucket_bits, std::vector<Item>* items) const {
  items->clear();
  items->reserve(size_);
  for (const bool wrapped : {false, true}) {
    for (std::uint32_t i = 0; i < line_count_; ++i) {
      const Line& line = lines_[i];
      for (std::uint32_t k = 0; k < line.count; ++k) {
        if ((LineOf(line.mixed[k], bucket_bits) > i) == wrapped) {
          items->push_back({line.mixed[k], line.row[k]});
        }
      }
      if (wrapped && line.count < kLineEntries) break;
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
