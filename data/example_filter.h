// Which examples of a log stay: one of those that are equal, and those of the k-core.
//
// Examples are numbered in the order of the files. A value of a column is a number, 0 to the number
// of different values - 1, or, where only equality counts, a 64-bit hash.
// Pure functions. Any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/types.h"

namespace rookery {

// Where an example goes. kNone: it was left out.
enum class Part : std::uint8_t { kNone, kTrain, kValid, kTest };
using Parts = std::vector<Part>;  // by example

// Whether example a comes before b: by `order` (finite numbers; empty: none is asked for), then as
// the files have them.
[[nodiscard]] inline bool ComesBefore(std::span<const double> order, std::uint32_t a,
                                      std::uint32_t b) {
  if (order.empty() || order[a] == order[b]) return a < b;
  return order[a] < order[b];
}

enum class Repeat : std::uint8_t { kFirst, kLast };  // which of equal examples stays

// Leaves out all but one of the examples with equal keys. Takes 4 bytes an example meanwhile.
// REQUIRES: keys and, unless empty, order are as long as *parts.
void DropRepeats(std::span<const Key> keys, std::span<const double> order, Repeat stays,
                 Parts* parts);

// A column whose values need `least` examples each.
struct CoreColumn {
  std::span<const std::uint32_t> values;  // by example
  std::uint32_t distinct = 0;             // values are below it
  std::uint32_t least = 0;
};

// Leaves examples out until every value that is left has `least` of its column among what is left:
// the k-core of the (hyper)graph whose edges are examples. There is one largest such set (Seidman
// 1983), so the order in which examples go does not matter. Returns the passes over the examples
// that it took, the last of which found nothing. Takes 4 bytes a value meanwhile.
std::uint32_t KeepCore(std::span<const CoreColumn> columns, Parts* parts);

}  // namespace rookery
