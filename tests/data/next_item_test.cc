// Examples of next items: histories, what comes after their elements, and negatives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/sequence.h"
#include "tests/data/testing/sequence_files.h"

namespace rookery {
namespace {

using ::testing::ElementsAre;
using Part = std::pair<std::size_t, std::size_t>;

TEST(Sequence, HistoriesShareTheItemsKeys) {
  Schema lines = Lines();
  lines.columns[1].key = KeyKind::kHash;
  lines.columns[1].space = "";
  const auto examples = ResolveSchema(
      ExampleSchemaOf(*ResolveSchema(lines), {.examples = SequenceExamples::kNextItem}));
  ASSERT_TRUE(examples.ok()) << examples.status().ToString();
  const FeatureLayout layout = LayoutOf(*examples);
  ASSERT_EQ(layout.features.size(), 4U);
  EXPECT_EQ(layout.features[kHistoryFeature].name, "history");
  for (const std::size_t f : {kItemFeature, kNegativeFeature, kHistoryFeature}) {
    EXPECT_EQ(layout.features[f].combiner, Combiner::kNone) << f;
    EXPECT_EQ(layout.features[f].space_seed, layout.features[kItemFeature].space_seed) << f;
  }
}

TEST(Sequence, ALongHistoryLosesOneSide) {
  SequenceOptions options{.max_length = 3};
  EXPECT_EQ(KeptOf(options, 2), Part(0, 2));
  EXPECT_EQ(KeptOf(options, 5), Part(2, 5));
  options.keep = ListEnd::kFirst;
  EXPECT_EQ(KeptOf(options, 2), Part(0, 2));
  EXPECT_EQ(KeptOf(options, 5), Part(0, 3));
}

TEST(Sequence, LeaveOneOutKeepsTheLastTwo) {
  const auto part = [](SequenceSet set, std::size_t items) {
    return PartOfLine(SequenceSplit::kLeaveOneOut, set, items);
  };
  EXPECT_EQ(part(SequenceSet::kTrain, 5), Part(0, 3));
  EXPECT_EQ(part(SequenceSet::kValid, 5), Part(3, 4));
  EXPECT_EQ(part(SequenceSet::kTest, 5), Part(4, 5));
  EXPECT_EQ(part(SequenceSet::kTrain, 2), Part(0, 2));
  for (const SequenceSet set : {SequenceSet::kValid, SequenceSet::kTest}) {
    EXPECT_EQ(part(set, 2).first, part(set, 2).second);
    EXPECT_EQ(PartOfLine(SequenceSplit::kNone, set, 2), Part(0, 2));
  }
}

// User 7 has four training items, of which all but the last are history; 8 has too few.
TEST_F(SequenceFiles, NextItemsAreOneBehindTheirHistory) {
  WriteText(files_, "train", "7 10 20 30 40 50 60\n8 10 70 80\n9 80 70 10 20\n");
  WriteText(files_, "valid", "7 20\n");
  SequenceOptions options{.examples = SequenceExamples::kNextItem,
                          .negatives = 2,
                          .split = SequenceSplit::kLeaveOneOut};
  const Catalog catalog = Read(options);
  const Batch batch = Pairs(catalog, options, {0, 0, 1, 100, 0});
  EXPECT_EQ(batch.examples, 2U);
  EXPECT_EQ(batch.labels, std::vector<float>(2, 1));
  EXPECT_THAT(batch.features[kUserFeature].keys, ElementsAre(7, 9));
  EXPECT_THAT(batch.features[kHistoryFeature].keys, ElementsAre(10, 20, 30, 80));
  EXPECT_THAT(batch.features[kHistoryFeature].offsets, ElementsAre(0, 3, 4));
  EXPECT_THAT(batch.features[kItemFeature].keys, ElementsAre(20, 30, 40, 70));
  EXPECT_THAT(batch.features[kItemFeature].offsets, ElementsAre(0, 3, 4));
  const FeatureColumn& negative = batch.features[kNegativeFeature];
  EXPECT_THAT(negative.offsets, ElementsAre(0, 6, 8));
  ASSERT_EQ(negative.keys.size(), 8U);
  for (std::size_t i = 0; i < negative.keys.size(); ++i) {
    const auto item = catalog.Find(negative.keys[i]);
    ASSERT_TRUE(item.has_value()) << i;
    EXPECT_FALSE(std::ranges::binary_search(catalog.TrainItems(i < 6 ? 7 : 9), *item)) << i;
  }
}

// User 7 has all items, so that there would be no negative for him.
TEST_F(SequenceFiles, WithoutNegativesEveryUserIsLearnedFrom) {
  WriteText(files_, "train", "7 10 20 30\n8 20 10\n");
  WriteText(files_, "valid", "7 20\n");
  const SequenceOptions options{.examples = SequenceExamples::kNextItem, .negatives = 0};
  const Batch batch = Pairs(Read(options), options, {0, 0, 1, 100, 0});
  EXPECT_THAT(batch.features[kUserFeature].keys, ElementsAre(7, 8));
  EXPECT_THAT(batch.features[kItemFeature].keys, ElementsAre(20, 30, 10));
  EXPECT_TRUE(batch.features[kNegativeFeature].keys.empty());
  EXPECT_THAT(batch.features[kNegativeFeature].offsets, ElementsAre(0, 0, 0));
}

TEST_F(SequenceFiles, LongHistoriesAreCut) {
  WriteText(files_, "train", "7 1 2 3 4 5\n8 9\n");
  WriteText(files_, "valid", "7 6 8\n");
  WriteText(files_, "test", "7 9\n5 1\n");
  SequenceOptions options{.examples = SequenceExamples::kNextItem, .max_length = 2};
  const Catalog catalog = Read(options);
  const Batch last = Pairs(catalog, options, {0, 0, 1, 100, 0});
  EXPECT_THAT(last.features[kHistoryFeature].keys, ElementsAre(3, 4));
  EXPECT_THAT(last.features[kItemFeature].keys, ElementsAre(4, 5));
  EXPECT_EQ(last.features[kNegativeFeature].keys.size(), 2U);
  EXPECT_THAT(Ranking(catalog, options, SequenceSet::kTest, "test").features[kHistoryFeature].keys,
              ElementsAre(4, 5));
  options.keep = ListEnd::kFirst;
  const Batch first = Pairs(catalog, options, {0, 0, 1, 100, 0});
  EXPECT_THAT(first.features[kHistoryFeature].keys, ElementsAre(1, 2));
  EXPECT_THAT(first.features[kItemFeature].keys, ElementsAre(2, 3));
}

TEST_F(SequenceFiles, RankingHistoriesAreWhatWasKnownBefore) {
  WriteText(files_, "train", "7 4 1 2 3\n8 1\n7 4\n");
  WriteText(files_, "valid", "7 2 8\n");
  WriteText(files_, "test", "7 9\n5 1\n");
  SequenceOptions options{.examples = SequenceExamples::kNextItem,
                          .split = SequenceSplit::kLeaveOneOut};
  const Catalog none;
  const Batch valid = Ranking(none, options, SequenceSet::kValid, "train");
  EXPECT_THAT(valid.features[kHistoryFeature].keys, ElementsAre(4, 1));
  EXPECT_THAT(valid.features[kItemFeature].keys, ElementsAre(2));
  const Batch test = Ranking(none, options, SequenceSet::kTest, "train");
  EXPECT_THAT(test.features[kHistoryFeature].keys, ElementsAre(4, 1, 2));
  EXPECT_THAT(test.features[kItemFeature].keys, ElementsAre(3));
  // Sets of their own: what the training files say, then those of valid that training knows.
  options.split = SequenceSplit::kNone;
  EXPECT_TRUE(NeedsOrder(options));
  const Catalog catalog = Read(options);
  const Batch own = Ranking(catalog, options, SequenceSet::kTest, "test");
  EXPECT_THAT(own.features[kHistoryFeature].keys, ElementsAre(4, 1, 2, 3, 4, 2));
  EXPECT_THAT(own.features[kHistoryFeature].offsets, ElementsAre(0, 6, 6));
  EXPECT_THAT(
      Ranking(catalog, options, SequenceSet::kValid, "valid").features[kHistoryFeature].keys,
      ElementsAre(4, 1, 2, 3, 4));
}

}  // namespace
}  // namespace rookery
