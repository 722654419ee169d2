// OccurrenceSort: the key occurrences of a table's features, sorted by MixKey of their key; each
// key's occurrences stay in the order (feature, place in the feature's keys).
//
// An occurrence is one 64-bit number: the top bits of the mixed key, as many as there is room for,
// above the feature and the place. Two stable counting passes over the first bits and one pass of
// insertions put the numbers into order. Keys that differ only below the bits kept are left mixed
// up: the caller, who reads the keys anyway, sees it and calls SeparateKeys.
//
// Owner    a StepPlanner; keeps memory from call to call, and the spans of keys until the next.
// Threads  one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/types.h"

namespace rookery {

class OccurrenceSort {
 public:
  // Sorts the occurrences of features[f][place].
  void Sort(std::span<const std::span<const Key>> features);

  [[nodiscard]] std::size_t size() const { return sorted_.size(); }
  [[nodiscard]] std::uint32_t FeatureAt(std::size_t i) const {
    return static_cast<std::uint32_t>((sorted_[i] & mask_) >> place_bits_);
  }
  [[nodiscard]] std::size_t PlaceAt(std::size_t i) const {
    return sorted_[i] & ((std::uint64_t{1} << place_bits_) - 1);
  }
  [[nodiscard]] Key KeyAt(std::size_t i) const { return features_[FeatureAt(i)][PlaceAt(i)]; }
  // Whether the mixed keys of i and j have the same bits, as far as they are kept.
  [[nodiscard]] bool SamePrefix(std::size_t i, std::size_t j) const {
    return ((sorted_[i] ^ sorted_[j]) & ~mask_) == 0;
  }
  // Sorts by the whole key wherever different keys have the same prefix.
  void SeparateKeys();

 private:
  void Pack(std::span<const std::span<const Key>> features, int low_shift, int high_shift);
  void Scatter(const std::vector<std::uint64_t>& from, int shift,
               std::vector<std::uint32_t>* begins, std::vector<std::uint64_t>* to) const;
  void Finish();

  std::vector<std::span<const Key>> features_;
  int place_bits_ = 0;
  int digit_bits_ = 0;
  std::uint64_t mask_ = 0;  // of feature and place
  std::vector<std::uint64_t> sorted_, other_;
  std::vector<std::uint32_t> low_, high_;  // per digit: how many, then where the next one goes
};

}  // namespace rookery
