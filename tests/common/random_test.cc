// The numbers decide results, so they are pinned; the golden values come from a program of its own.
#include "common/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

namespace rookery {
namespace {

TEST(Random, GoldenNumbers) {
  Random random(1, Purpose::kTest);
  EXPECT_EQ(random.Next(), 0x25bd7c2bb00e5d9fU);
  EXPECT_EQ(random.Next(), 0xeec3d07f7265b54dU);
  EXPECT_EQ(random.Next(), 0xd3326c80a35807f0U);
  const Random row(42, Purpose::kInitializeRow, 3, 5);
  EXPECT_EQ(row.At(0), 0xf695960f93a5d9b5U);
  EXPECT_EQ(row.At(1), 0xaa6f5952174576dcU);
  EXPECT_EQ(row.At(1'000'000), 0x5056a5a6e6b91a80U);
}

TEST(Random, GoldenFloats) {
  const auto fresh = [] { return Random(1, Purpose::kTest); };
  EXPECT_EQ(fresh().NextFloat(), 0.14742255210876465F);
  EXPECT_EQ(fresh().NextDouble(), 0.14742256228060435);
  EXPECT_EQ(fresh().NextBelow(10), 1U);
  EXPECT_DOUBLE_EQ(fresh().NextNormal(), 0.515003020841245);
}

TEST(Random, NextIsAtInOrder) {
  Random random(7, Purpose::kShuffle, 1);
  const Random other(7, Purpose::kShuffle, 1);
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(random.Next(), other.At(i));
}

TEST(Random, EveryPartOfTheNameCounts) {
  const std::set<std::uint64_t> firsts = {
      Random(1, Purpose::kTest).At(0),         Random(2, Purpose::kTest).At(0),
      Random(1, Purpose::kDropout).At(0),      Random(1, Purpose::kTest, 1).At(0),
      Random(1, Purpose::kTest, 0, 1).At(0),   Random(1, Purpose::kTest, 1, 1).At(0),
      Random(7, Purpose::kInitializeRow).At(0)};
  EXPECT_EQ(firsts.size(), 7U);
}

TEST(Random, FloatsStayBelowOne) {
  EXPECT_EQ(Random::ToFloat(0), 0.0F);
  EXPECT_LT(Random::ToFloat(~std::uint64_t{0}), 1.0F);
  EXPECT_EQ(Random::ToFloat(~std::uint64_t{0}), 1.0F - 0x1.0p-24F);
}

TEST(Random, NextBelowStaysBelowAndReachesAll) {
  Random random(3, Purpose::kTest);
  for (const std::uint64_t bound : {1U, 2U, 3U, 7U, 10U}) {
    std::vector<int> counts(bound);
    for (int i = 0; i < 10'000; ++i) {
      const std::uint64_t value = random.NextBelow(bound);
      ASSERT_LT(value, bound);
      ++counts[value];
    }
    const double expected = 10'000.0 / static_cast<double>(bound);
    for (const int count : counts) EXPECT_NEAR(count, expected, 6 * std::sqrt(expected)) << bound;
  }
  const std::uint64_t huge = ~std::uint64_t{0};
  std::uint64_t largest = 0;
  for (int i = 0; i < 100; ++i) largest = std::max(largest, random.NextBelow(huge));
  EXPECT_GT(largest, huge / 2);
}

TEST(Random, UniformMoments) {
  Random random(4, Purpose::kTest);
  constexpr int kCount = 200'000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < kCount; ++i) {
    const double value = i % 2 == 0 ? random.NextDouble() : double{random.NextFloat()};
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / kCount, 1.0 / 2, 0.003);  // 4.6 standard errors
  EXPECT_NEAR(squares / kCount, 1.0 / 3, 0.003);
}

TEST(Random, NormalMoments) {
  Random random(5, Purpose::kTest);
  constexpr int kCount = 200'000;
  double sums[4] = {};
  int beyond_two = 0;
  for (int i = 0; i < kCount; ++i) {
    const double value = random.NextNormal();
    ASSERT_TRUE(std::isfinite(value));
    double power = 1;
    for (double& sum : sums) sum += power *= value;
    if (std::abs(value) > 2) ++beyond_two;
  }
  EXPECT_NEAR(sums[0] / kCount, 0, 0.012);  // about 5 standard errors each
  EXPECT_NEAR(sums[1] / kCount, 1, 0.016);
  EXPECT_NEAR(sums[2] / kCount, 0, 0.045);
  EXPECT_NEAR(sums[3] / kCount, 3, 0.11);
  EXPECT_NEAR(static_cast<double>(beyond_two) / kCount, 0.0455, 0.0025);
}

TEST(Shuffle, GoldenOrderAndAllStay) {
  std::vector<int> values = {0, 1, 2, 3, 4, 5, 6, 7};
  Random random(1, Purpose::kTest);
  Shuffle(std::span(values), random);
  EXPECT_EQ(values, (std::vector<int>{0, 3, 5, 7, 2, 4, 6, 1}));
  std::vector<int> nothing;
  Shuffle(std::span(nothing), random);
}

TEST(Shuffle, EveryOrderIsEquallyLikely) {
  Random random(6, Purpose::kTest);
  std::vector<int> counts(27);
  for (int i = 0; i < 60'000; ++i) {
    std::vector<int> values = {0, 1, 2};
    Shuffle(std::span(values), random);
    ++counts[static_cast<std::size_t>(values[0] * 9 + values[1] * 3 + values[2])];
  }
  EXPECT_EQ(std::count(counts.begin(), counts.end(), 0), 27 - 6);
  for (const int count : counts) {
    EXPECT_TRUE(count == 0 || (count > 9'500 && count < 10'500)) << count;
  }
}

}  // namespace
}  // namespace rookery
