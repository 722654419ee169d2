#include "worker/occurrence_sort.h"

#include <algorithm>
#include <bit>

#include "common/check.h"
#include "common/hash.h"

namespace rookery {
namespace {

// Digits of more bits have more places to write to at a time than the second-level cache holds.
constexpr int kDigitBitsMax = 10;
// Moves an occurrence may need on average before insertion is given up.
constexpr std::size_t kMovesPerOccurrence = 4;

int BitsFor(std::size_t count) {
  return static_cast<int>(std::bit_width(count));
}

// Counts become where the first of each digit goes.
void ToBegins(std::vector<std::uint32_t>* counts) {
  std::uint32_t begin = 0;
  for (std::uint32_t& count : *counts) {
    const std::uint32_t next = begin + count;
    count = begin;
    begin = next;
  }
}

}  // namespace

void OccurrenceSort::Sort(std::span<const std::span<const Key>> features,
                          std::span<std::uint32_t* const> cells) {
  features_.assign(features.begin(), features.end());
  cells_.assign(cells.begin(), cells.end());
  std::size_t count = 0, longest = 1;
  for (const std::span<const Key> keys : features) {
    count += keys.size();
    longest = std::max(longest, keys.size());
  }
  ROOKERY_CHECK(count <= 0xffffffffU);
  place_bits_ = BitsFor(longest - 1);
  const int id_bits = place_bits_ + BitsFor(features.size());
  ROOKERY_CHECK(id_bits <= 32);
  mask_ = (std::uint64_t{1} << id_bits) - 1;
  sorted_.resize(count);
  other_.resize(count);
  // About eight times as many values of both digits as there are keys: few neighbours to insert.
  digit_bits_ = std::clamp((BitsFor(count) + 4) / 2, 1, kDigitBitsMax);
  const int high_shift = 64 - digit_bits_;
  const int low_shift = high_shift - digit_bits_;
  Pack(low_shift, high_shift);
  Scatter(sorted_, low_shift, &low_, &other_);
  Scatter(other_, high_shift, &high_, &sorted_);
  Finish();
}

void OccurrenceSort::Pack(int low_shift, int high_shift) {
  const std::uint64_t digit_mask = (std::uint64_t{1} << digit_bits_) - 1;
  low_.assign(digit_mask + 1, 0);
  high_.assign(digit_mask + 1, 0);
  std::uint64_t* out = sorted_.data();
  std::uint32_t* low = low_.data();
  std::uint32_t* high = high_.data();
  for (std::size_t f = 0; f < features_.size(); ++f) {
    std::uint64_t id = std::uint64_t{f} << place_bits_;
    std::uint32_t* cell = cells_[f];
    for (const Key key : features_[f]) {
      const std::uint64_t mixed = MixKey(key);
      ++low[(mixed >> low_shift) & digit_mask];
      ++high[mixed >> high_shift];
      *out++ = (mixed & ~mask_) | id++;
      *cell++ = static_cast<std::uint32_t>(mixed & mask_);
    }
  }
  ToBegins(&low_);
  ToBegins(&high_);
}

void OccurrenceSort::Scatter(const std::vector<std::uint64_t>& from, int shift,
                             std::vector<std::uint32_t>* begins,
                             std::vector<std::uint64_t>* to) const {
  const std::uint64_t digit_mask = (std::uint64_t{1} << digit_bits_) - 1;
  std::uint32_t* next = begins->data();
  std::uint64_t* out = to->data();
  for (const std::uint64_t value : from) out[next[(value >> shift) & digit_mask]++] = value;
}

void OccurrenceSort::Finish() {
  std::size_t moves_left = kMovesPerOccurrence * sorted_.size();
  std::uint64_t* values = sorted_.data();
  for (std::size_t i = 1; i < sorted_.size(); ++i) {
    const std::uint64_t value = values[i];
    std::size_t at = i;
    for (; at > 0 && values[at - 1] > value; --at) values[at] = values[at - 1];
    values[at] = value;
    if (i - at <= moves_left) {
      moves_left -= i - at;
      continue;
    }
    std::sort(sorted_.begin(), sorted_.end());
    return;
  }
}

void OccurrenceSort::SeparateKeys() {
  for (std::size_t f = 0; f < features_.size(); ++f) {
    std::transform(features_[f].begin(), features_[f].end(), cells_[f],
                   [this](Key key) { return static_cast<std::uint32_t>(MixKey(key) & mask_); });
  }
  const auto cell_of = [this](std::uint64_t value) {
    const std::uint64_t id = value & mask_;
    return cells_[id >> place_bits_][id & ((std::uint64_t{1} << place_bits_) - 1)];
  };
  for (std::size_t begin = 0; begin < sorted_.size();) {
    std::size_t end = begin + 1;
    while (end < sorted_.size() && SamePrefix(begin, end)) ++end;
    std::sort(sorted_.begin() + static_cast<std::ptrdiff_t>(begin),
              sorted_.begin() + static_cast<std::ptrdiff_t>(end),
              [&](std::uint64_t a, std::uint64_t b) {
                const std::uint32_t cell_a = cell_of(a), cell_b = cell_of(b);
                return cell_a != cell_b ? cell_a < cell_b : a < b;
              });
    begin = end;
  }
}

}  // namespace rookery
