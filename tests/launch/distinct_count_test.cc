#include "launch/distinct_count.h"

#include <gtest/gtest.h>

#include <cmath>
#include <unordered_set>

#include "common/random.h"

namespace rookery {
namespace {

TEST(CountKeys, CountsByHowOftenTheyCame) {
  std::vector<Key> keys = {5, 1, 5, 9, 5, 1, 0, ~Key{0}};
  const KeyCounts counts = CountKeys(&keys);
  EXPECT_EQ(counts.keys, 8U);
  EXPECT_EQ(counts.distinct, 5U);
  EXPECT_EQ(counts.once, 3U);  // 9, 0, the last
  EXPECT_EQ(counts.twice, 1U);
  std::vector<Key> none;
  EXPECT_EQ(CountKeys(&none).distinct, 0U);
}

TEST(Extrapolate, NothingNewWhereEverythingCameOften) {
  const DistinctRange range = Extrapolate({1000, 10, 0, 0}, 50);
  EXPECT_EQ(range.low, 10);
  EXPECT_EQ(range.likely, 10);
  EXPECT_EQ(range.high, 10);
}

TEST(Extrapolate, TheSampleIsAllOfIt) {
  const DistinctRange range = Extrapolate({1000, 700, 500, 100}, 1);
  EXPECT_EQ(range.likely, 700);
}

TEST(Extrapolate, WhatNeverRepeatsGrowsInProportion) {
  const DistinctRange range = Extrapolate({1000, 1000, 1000, 0}, 7);
  EXPECT_NEAR(range.high, 7000, 1);
  EXPECT_NEAR(range.likely, 7000, 100);
}

// Keys drawn by Zipf's law, as ids of users and items are: the range holds the truth.
TEST(Extrapolate, HoldsTheTruthForZipf) {
  for (const std::uint64_t ids : {20'000U, 1'000'000U}) {
    for (const std::uint64_t factor : {2U, 5U, 20U}) {
      Random random(ids + factor, Purpose::kTest);
      const auto draw = [&] {  // density 1 / x
        return static_cast<Key>(std::exp(random.NextDouble() * std::log(double(ids))));
      };
      std::vector<Key> sample(50'000);
      for (Key& key : sample) key = draw();
      std::unordered_set<Key> all(sample.begin(), sample.end());
      for (std::size_t i = sample.size(); i < 50'000 * factor; ++i) all.insert(draw());
      const DistinctRange range = Extrapolate(CountKeys(&sample), double(factor));
      const auto truth = static_cast<double>(all.size());
      EXPECT_LE(range.low, 1.02 * truth) << ids << " ids, " << factor;
      EXPECT_GE(range.high, 0.98 * truth) << ids << " ids, " << factor;
      EXPECT_NEAR(range.likely, truth, 0.5 * truth) << ids << " ids, " << factor;
    }
  }
}

TEST(DistinctSketch, IsWithinOnePercent) {
  for (const std::uint64_t count : {0U, 1U, 1000U, 100'000U, 200'000U, 3'000'000U}) {
    DistinctSketch sketch;
    for (std::uint64_t key = 0; key < count; ++key) {
      sketch.Add(key);
      sketch.Add(key);
    }
    EXPECT_NEAR(sketch.Estimate(), double(count), 0.012 * double(count)) << count;
  }
}

}  // namespace
}  // namespace rookery
