// Splits a log into training, valid and test examples.
//
// All functions look only at examples that are not left out and set the Part of each of them.
// `group` is the number of an example's group, such as its user; empty: all are one group. `order`
// is what ComesBefore wants. Both are by example. While they run they take 4 bytes an example. Pure
// functions. Any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/example_filter.h"

namespace rookery {

// The last example of each group is for test, the one before for valid; a group of fewer than three
// is trained whole.
void SplitLeaveOneOut(std::span<const std::uint32_t> group, std::span<const double> order,
                      Parts* parts);

// Examples of `test_from` and later are for test, others of `valid_from` and later for valid.
// REQUIRES: order is not empty.
void SplitAt(std::span<const double> order, double valid_from, double test_from, Parts* parts);

// What is neither is for training.
struct SplitShares {
  double valid = 0;
  double test = 0;
};

// Of n examples of a group, the last floor(test * n) in order are for test, the floor(valid * n)
// before them for valid. Those of one `order` stay together, where the first of them falls.
void SplitByShares(std::span<const std::uint32_t> group, std::span<const double> order,
                   const SplitShares& shares, Parts* parts);

// An order by chance: example i has the i-th number of the stream of `seed`, so it has the same one
// whatever is left out. For SplitByShares.
[[nodiscard]] std::vector<double> RandomOrder(std::uint64_t seed, std::size_t examples);

// The examples of a part, by group, within a group in order.
[[nodiscard]] std::vector<std::uint32_t> InOrder(const Parts& parts, Part part,
                                                 std::span<const std::uint32_t> group,
                                                 std::span<const double> order);

}  // namespace rookery
