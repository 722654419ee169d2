#include "data/ranking_case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  const RankingCase plain = RankingCaseOf(catalog, false, Wants(7, {99, 20, 40, 20}), 0);
  EXPECT_THAT(plain.known, ElementsAre(0, 1, 2));
  EXPECT_THAT(plain.masked, ElementsAre(0, 2));
  EXPECT_THAT(plain.wanted, ElementsAre(1, 3));
  EXPECT_EQ(plain.wanted_count, 3U);
  const RankingCase masked = RankingCaseOf(catalog, true, Wants(7, {20}), 0);
  EXPECT_THAT(masked.known, ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(masked.masked, ElementsAre(0, 2, 3));
}

TEST(RankingCase, OfAnUnknownUserHasNothingKnown) {
  const RankingCase one = RankingCaseOf(Small(), true, Wants(9, {10}), 0);
  EXPECT_TRUE(one.known.empty());
  EXPECT_THAT(one.wanted, ElementsAre(0));
}

}  // namespace
}  // namespace rookery
