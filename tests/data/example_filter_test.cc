// Repeats and k-cores: by hand, and the k-core against all subsets of small graphs.
#include "data/example_filter.h"

#include <gtest/gtest.h>

#include <bit>

#include "common/random.h"

namespace rookery {
namespace {

constexpr Part kIn = Part::kTrain, kOut = Part::kNone;

TEST(ExampleFilter, OneOfEqualExamplesStays) {
  const std::vector<Key> keys = {7, 9, 7, 7, 5, 9};
  const std::vector<double> order = {3, 1, 2, 2, 0, 1};
  const auto left = [&](const std::vector<double>& by, Repeat stays) {
    Parts parts(keys.size(), kIn);
    DropRepeats(keys, by, stays, &parts);
    return parts;
  };
  EXPECT_EQ(left({}, Repeat::kFirst), (Parts{kIn, kIn, kOut, kOut, kIn, kOut}));
  EXPECT_EQ(left({}, Repeat::kLast), (Parts{kOut, kOut, kOut, kIn, kIn, kIn}));
  // Of equal order the file decides: examples 2 and 3 are both the first of key 7.
  EXPECT_EQ(left(order, Repeat::kFirst), (Parts{kOut, kIn, kIn, kOut, kIn, kOut}));
  EXPECT_EQ(left(order, Repeat::kLast), (Parts{kIn, kOut, kOut, kOut, kIn, kIn}));
}

TEST(ExampleFilter, WhatIsLeftOutIsNoRepeat) {
  const std::vector<Key> keys = {1, 1, 1};
  Parts parts = {kOut, kIn, kIn};
  DropRepeats(keys, {}, Repeat::kFirst, &parts);
  EXPECT_EQ(parts, (Parts{kOut, kIn, kOut}));
}

// Users 0 and 1 have items 0 and 1; user 2 has items 1 and 2; user 3 has item 2. In the 2-core user
// 3 goes, so item 2 has one user left and goes, then user 2 has one item left.
TEST(ExampleFilter, TheCoreIsTakenUntilNothingChanges) {
  const std::vector<std::uint32_t> users = {3, 2, 2, 0, 0, 1, 1};
  const std::vector<std::uint32_t> items = {2, 2, 1, 0, 1, 0, 1};
  Parts parts(users.size(), kIn);
  const std::vector<CoreColumn> columns = {{users, 4, 2}, {items, 3, 2}};
  EXPECT_EQ(KeepCore(columns, &parts), 2U);
  EXPECT_EQ(parts, (Parts{kOut, kOut, kOut, kIn, kIn, kIn, kIn}));
  const std::vector<CoreColumn> user_alone = {{users, 4, 2}};
  parts.assign(users.size(), kIn);
  KeepCore(user_alone, &parts);
  EXPECT_EQ(parts, (Parts{kOut, kIn, kIn, kIn, kIn, kIn, kIn}));
  EXPECT_EQ(KeepCore({}, &parts), 0U);
}

TEST(ExampleFilter, AnUnreachableCoreIsEmpty) {
  const std::vector<std::uint32_t> users = {0, 0, 1};
  Parts parts(3, kIn);
  const std::vector<CoreColumn> columns = {{users, 2, 3}};
  KeepCore(columns, &parts);
  EXPECT_EQ(parts, Parts(3, kOut));
}

// Whether every value that the edges of `subset` have, they have `least` times.
bool IsCore(const std::vector<std::uint32_t>& values, std::uint32_t least, std::uint32_t subset) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::uint32_t count = 0;
    for (std::size_t j = 0; j < values.size(); ++j) {
      if ((subset >> j & 1U) != 0 && values[j] == values[i]) ++count;
    }
    if ((subset >> i & 1U) != 0 && count < least) return false;
  }
  return true;
}

TEST(ExampleFilter, TheCoreIsTheLargestSubsetOfItsKind) {
  Random random(11, Purpose::kTest);
  std::uint32_t neither_all_nor_none = 0;
  for (int graph = 0; graph < 60; ++graph) {
    constexpr std::size_t kEdges = 11;
    std::vector<std::uint32_t> users, items;
    for (std::size_t i = 0; i < kEdges; ++i) {
      users.push_back(static_cast<std::uint32_t>(random.NextBelow(4)));
      items.push_back(static_cast<std::uint32_t>(random.NextBelow(5)));
    }
    const auto user_least = static_cast<std::uint32_t>(1 + random.NextBelow(4));
    const auto item_least = static_cast<std::uint32_t>(1 + random.NextBelow(3));
    std::uint32_t best = 0;
    for (std::uint32_t subset = 0; subset < 1U << kEdges; ++subset) {
      if (std::popcount(subset) > std::popcount(best) && IsCore(users, user_least, subset) &&
          IsCore(items, item_least, subset)) {
        best = subset;
      }
    }
    Parts parts(kEdges, kIn);
    const std::vector<CoreColumn> columns = {{users, 4, user_least}, {items, 5, item_least}};
    KeepCore(columns, &parts);
    for (std::size_t i = 0; i < kEdges; ++i) {
      EXPECT_EQ(parts[i] == kIn, (best >> i & 1U) != 0) << "graph " << graph << ", edge " << i;
    }
    const int size = std::popcount(best);
    if (size > 0 && size < static_cast<int>(kEdges)) ++neither_all_nor_none;
  }
  EXPECT_GT(neither_all_nor_none, 20U);
}

}  // namespace
}  // namespace rookery
