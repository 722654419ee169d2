#include "data/ranking_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace rookery {
namespace {

using ::testing::ElementsAre;

// User 7 trains on items 10, 20 and 30 and has 20 and 40 in valid; 40 is user 8's, 99 nobody's.
Catalog Small() {
  return Catalog({{7, 30}, {7, 10}, {7, 20}, {8, 40}}, {{7, 40}, {7, 20}});
}

Batch Wants(Key user, const std::vector<Key>& items) {
  Batch batch;
  batch.examples = 1;
  batch.features.resize(2);
  batch.features[kUserFeature].keys = {user};
  batch.features[kItemFeature].keys = items;
  batch.features[kItemFeature].offsets = {0, static_cast<std::uint32_t>(items.size())};
  return batch;
}

TEST(RankingCase, LeavesOutWhatIsKnownAndNotWanted) {
  const Catalog catalog = Small();  // items 0, 1, 2, 3
  const RankingCase plain = RankingCaseOf(catalog, {}, Wants(7, {99, 20, 40, 20}), 0);
  EXPECT_THAT(plain.known, ElementsAre(0, 1, 2));
  EXPECT_THAT(plain.masked, ElementsAre(0, 2));
  EXPECT_THAT(plain.wanted, ElementsAre(1, 3));
  EXPECT_EQ(plain.wanted_count, 3U);
  const RankingCase masked = RankingCaseOf(catalog, {.mask_valid = true}, Wants(7, {20}), 0);
  EXPECT_THAT(masked.known, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(masked.masked, ElementsAre(0, 2, 3));
}

TEST(RankingCase, OfAnUnknownUserHasNothingKnown) {
  const RankingCase one = RankingCaseOf(Small(), {.mask_valid = true}, Wants(9, {10}), 0);
  EXPECT_TRUE(one.known.empty());
  EXPECT_THAT(one.wanted, ElementsAre(0));
  EXPECT_TRUE(one.ranked.empty());
}

TEST(RankingCase, TheRuleIsThatOfTheOptions) {
  const SequenceOptions options = {.rank_negatives = 5,
                                   .rank_sampling = NegativeSampling::kPopularity};
  const RankingRule test = RankingRuleOf(options, SequenceSet::kTest, 9);
  EXPECT_TRUE(test.mask_valid);
  EXPECT_EQ(test.negatives, 5U);
  EXPECT_EQ(test.sampling, NegativeSampling::kPopularity);
  EXPECT_EQ(test.seed, 9U);
  EXPECT_EQ(test.set, SequenceSet::kTest);
  EXPECT_FALSE(RankingRuleOf(options, SequenceSet::kValid, 9).mask_valid);
}

// Of 1000 items user 1 has 0 to 9; item 10 is had by half of the users, every other by one or two.
Catalog Many() {
  std::vector<Catalog::Interaction> has;
  for (Key item = 0; item < 1000; ++item) has.push_back({100 + item, item});
  for (Key item = 0; item < 10; ++item) has.push_back({1, item});
  for (Key user = 100; user < 1100; ++user) has.push_back({user, 10});
  return Catalog(has, {});
}

TEST(RankingCase, RanksWhatIsWantedAmongOthersThatTheUserDoesNotHave) {
  const Catalog catalog = Many();
  const RankingCase one = RankingCaseOf(catalog, {.negatives = 50}, Wants(1, {500, 2, 5000}), 0);
  EXPECT_EQ(one.ranked.size(), 52U);  // two are wanted and in the catalog
  EXPECT_TRUE(std::ranges::is_sorted(one.ranked));
  EXPECT_EQ(std::ranges::adjacent_find(one.ranked), one.ranked.end());
  for (const Catalog::Item item : one.ranked) EXPECT_TRUE(item == 2 || item > 9) << item;
  EXPECT_TRUE(std::ranges::binary_search(one.ranked, 500U));
  EXPECT_EQ(one.wanted_count, 3U);
}

TEST(RankingCase, WhatIsDrawnIsNamedBySeedSetAndUser) {
  const Catalog catalog = Many();
  const auto drawn = [&](Key user, std::uint64_t seed, SequenceSet set) {
    const RankingRule rule = {.negatives = 20, .seed = seed, .set = set};
    return RankingCaseOf(catalog, rule, Wants(user, {500}), 0).ranked;
  };
  const auto first = drawn(1, 3, SequenceSet::kTest);
  EXPECT_EQ(first, drawn(1, 3, SequenceSet::kTest));
  EXPECT_NE(first, drawn(1, 4, SequenceSet::kTest));
  EXPECT_NE(first, drawn(1, 3, SequenceSet::kValid));
  EXPECT_NE(first, drawn(2, 3, SequenceSet::kTest));
}

TEST(RankingCase, WhenThereAreNotMoreItemsAllAreRanked) {
  const Catalog catalog = Many();
  const RankingCase one = RankingCaseOf(catalog, {.negatives = 2000}, Wants(1, {500, 2}), 0);
  EXPECT_EQ(one.ranked.size(), 991U);  // 990 that the user does not have, and item 2
}

// Of 400 users who want item 500: uniform draws of 10 of 989 find an item 4.04 times, with a
// deviation of 2; by popularity item 10, with a weight of 1001 of 1990, is nearly always there.
TEST(RankingCase, DrawsAlikeOrByPopularity) {
  const Catalog catalog = Many();
  std::map<Catalog::Item, int> uniform, popular;
  const auto count = [&](NegativeSampling sampling, std::map<Catalog::Item, int>* counts) {
    for (Key user = 2000; user < 2400; ++user) {
      const RankingRule rule = {.negatives = 10, .sampling = sampling};
      for (const auto item : RankingCaseOf(catalog, rule, Wants(user, {500}), 0).ranked) {
        ++(*counts)[item];
      }
    }
  };
  count(NegativeSampling::kUniform, &uniform);
  EXPECT_EQ(uniform[500], 400);
  EXPECT_LT(uniform[10], 20);
  EXPECT_GT(uniform.size(), 950U);
  count(NegativeSampling::kPopularity, &popular);
  EXPECT_GT(popular[10], 390);
}

}  // namespace
}  // namespace rookery
