// Vocabulary: how often each value of a column is in the parts of a log, and what follows from it.
//
// Owner    plain values; some 60 bytes for each different value.
// Threads  one at a time.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>

#include "common/types.h"
#include "data/example_filter.h"

namespace rookery {

// Of the values that are there at all.
struct ValueCounts {
  std::uint64_t values = 0;       // different ones
  std::uint64_t occurrences = 0;  // of all values together
  std::uint32_t least = 0;        // occurrences of one value
  double median = 0;              // the mean of the two in the middle of an even number
  std::uint32_t most = 0;
  std::uint64_t once = 0;  // values that occur once
};

// What training does not know.
struct UnseenCounts {
  std::uint64_t values = 0;
  std::uint64_t occurrences = 0;
};

class Vocabulary {
 public:
  // `value`: a hash of it. kNone counts as what was there before anything was left out.
  void Add(Key value, Part part) { ++counts_[value][static_cast<std::size_t>(part)]; }

  // Over these parts together.
  [[nodiscard]] ValueCounts Of(std::span<const Part> parts) const;
  // In `part` without any occurrence in kTrain.
  [[nodiscard]] UnseenCounts UnseenIn(Part part) const;

 private:
  using Counts = std::array<std::uint32_t, 4>;  // by Part

  std::unordered_map<Key, Counts> counts_;
};

}  // namespace rookery
