#include "ps/key_index.h"

#include <algorithm>
#include <limits>
#include <span>

#include "common/check.h"

namespace rookery {
namespace {

constexpr std::uint32_t kDoubleLines = 512;

}  // namespace

void KeyIndex::Insert(std::uint64_t mixed, std::uint32_t row, unsigned bucket_bits) {
  ROOKERY_CHECK(row < kAbsent && size_ < EntriesMax(line_count_));
  Place(lines_, line_count_, mixed, row, bucket_bits);
  ++size_;
}

inline void KeyIndex::Place(Line* lines, std::uint32_t line_count, std::uint64_t mixed,
                            std::uint32_t row, unsigned bucket_bits) {
  std::uint32_t i = LineOf(mixed, bucket_bits, line_count);
  while (lines[i].full()) {
    lines[i].count = kPassed;
    i = i + 1 == line_count ? 0 : i + 1;
  }
  Line& line = lines[i];
  line.mixed[line.count] = mixed;
  line.row[line.count] = row;
  ++line.count;
}

std::uint64_t KeyIndex::LinesFor(std::uint64_t lines, std::uint64_t size) {
  std::uint64_t count = std::max<std::uint64_t>(lines, 1);
  while (EntriesMax(count) < size) count += count < kDoubleLines ? count : count / 2;
  return count;
}

bool KeyIndex::Grow(std::uint64_t size, unsigned bucket_bits, PageArena* arena) {
  const std::uint64_t count = LinesFor(line_count_, size);
  if (count > std::numeric_limits<std::uint32_t>::max()) return false;
  void* block = arena->Allocate(count * sizeof(Line));
  if (block == nullptr) return false;
  Line* const lines = static_cast<Line*>(block);
  const auto line_count = static_cast<std::uint32_t>(count);
  // Writes come before reads: the system has but one page of zeros for what is only read.
  for (std::uint32_t i = 0; i < line_count; ++i) lines[i].count = 0;
  for (const Line& line : std::span(lines_, line_count_)) {
    for (std::uint32_t k = 0; k < line.size(); ++k) {
      Place(lines, line_count, line.mixed[k], line.row[k], bucket_bits);
    }
  }
  if (lines_ != nullptr) arena->Free(lines_, line_count_ * sizeof(Line));
  lines_ = lines;
  line_count_ = line_count;
  return true;
}

}  // namespace rookery
