// OccurrenceSort: the key occurrences of a table's features, sorted by MixKey of their key; each
// key's occurrences stay in the order (feature, place in the feature's keys).
//
// An occurrence is one 64-bit number: the top bits of the mixed key, as many as there is room for,
// above the feature and the place. Two stable counting passes over the first bits and one pass of
// insertions put the numbers into order. The bits that had no room wait in the occurrence's cell,
// 32 bits of the caller's: MixedAt puts the mixed key together again, and the caller then may use
// the cell for its own. So going through the occurrences touches one place of memory for each.
// Keys that differ only below the bits kept are left mixed up: the caller, who goes through them
// anyway, sees it and calls SeparateKeys.
//
// Owner    a StepPlanner; keeps memory from call to call, and the spans until the next.
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
  // Sorts the occurrences of features[f][place]; cells[f] has as many cells as features[f] keys.
  // REQUIRES: features x places of the longest, each as a power of two, within 2^32.
  void Sort(std::span<const std::span<const Key>> features, std::span<std::uint32_t* const> cells);

  [[nodiscard]] std::size_t size() const { return sorted_.size(); }
  [[nodiscard]] std::uint32_t FeatureAt(std::size_t i) const {
    return static_cast<std::uint32_t>((sorted_[i] & mask_) >> place_bits_);
  }
  [[nodiscard]] std::size_t PlaceAt(std::size_t i) const {
    return sorted_[i] & ((std::uint64_t{1} << place_bits_) - 1);
  }
  [[nodiscard]] std::uint32_t* CellAt(std::size_t i) const {
    return cells_[FeatureAt(i)] + PlaceAt(i);
  }
  // The mixed key. REQUIRES: the cell is as it was after Sort or SeparateKeys.
  [[nodiscard]] std::uint64_t MixedAt(std::size_t i) const {
    return (sorted_[i] & ~mask_) | *CellAt(i);
  }
  // Whether the mixed keys of i and j have the same bits, as far as they are kept.
  [[nodiscard]] bool SamePrefix(std::size_t i, std::size_t j) const {
    return ((sorted_[i] ^ sorted_[j]) & ~mask_) == 0;
  }
  // Sorts by the whole key wherever different keys have the same prefix; fills the cells again.
  void SeparateKeys();

 private:
  void Pack(int low_shift, int high_shift);
  void Scatter(const std::vector<std::uint64_t>& from, int shift,
               std::vector<std::uint32_t>* begins, std::vector<std::uint64_t>* to) const;
  void Finish();

  std::vector<std::span<const Key>> features_;
  std::vector<std::uint32_t*> cells_;
  int place_bits_ = 0;
  int digit_bits_ = 0;
  std::uint64_t mask_ = 0;  // of feature and place
  std::vector<std::uint64_t> sorted_, other_;
  std::vector<std::uint32_t> low_, high_;  // per digit: how many, then where the next one goes
};

}  // namespace rookery
