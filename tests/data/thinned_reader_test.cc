#include "data/thinned_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/data/testing/input_fixture.h"

namespace rookery {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kRows = 4000;

// y, x = the row, item, tags of 0 to 2; a fifth has label 1.
struct Rows {
  MemoryFileSystem files;
  FittedSchema fitted;

  Rows() {
    Schema schema;
    schema.columns = {MakeColumn("y", ColumnType::kLabel), MakeColumn("x", ColumnType::kNumeric),
                      MakeColumn("item", ColumnType::kCategorical),
                      MakeColumn("tags", ColumnType::kList)};
    schema.columns[2].dropout = 0.3F;
    std::string text;
    for (std::size_t i = 0; i < kRows; ++i) {
      text += StrCat(i % 5 == 0 ? 1 : 0, ",", i, ",i", i % 7, ",", std::string(i % 3, '|'), "t\n");
    }
    WriteText(files, "in.csv", text);
    fitted = *FitSchema(&files, *ResolveSchema(schema), {{"in.csv"}, 64, true}, kRows);
  }
  Batch Read(Thinning thinning, std::uint64_t epoch, std::uint64_t seed = 5) {
    auto source = MakeInputReader(&files, &fitted, {{"in.csv"}, 64, true});
    const auto reader = MakeThinnedReader(std::move(source), std::move(thinning), seed);
    return reader->Read({0, 0, 1, 1000, epoch})->examples;
  }
};

TEST(ThinnedReader, KeepsAShareOfTheNegativesAndTheirWeight) {
  Rows rows;
  const Batch batch = rows.Read({.negative_keep = 0.25F, .dropout = {}}, 1);
  std::size_t positives = 0;
  double weight = 0;
  for (std::size_t i = 0; i < batch.examples; ++i) {
    const auto row = static_cast<std::size_t>(batch.numeric[i]);
    EXPECT_EQ(batch.labels[i], row % 5 == 0 ? 1 : 0);
    EXPECT_EQ(batch.weights[i], row % 5 == 0 ? 1 : 4);
    EXPECT_TRUE(i == 0 || batch.numeric[i - 1] < batch.numeric[i]);
    positives += batch.labels[i] == 1 ? 1 : 0;
    weight += batch.weights[i];
  }
  EXPECT_EQ(positives, kRows / 5);
  EXPECT_NEAR(static_cast<double>(batch.examples), kRows / 5 + 800, 100);
  EXPECT_NEAR(weight, kRows, 400);
  EXPECT_EQ(rows.Read({.negative_keep = 0.25F, .dropout = {}}, 1).numeric, batch.numeric);
  EXPECT_NE(rows.Read({.negative_keep = 0.25F, .dropout = {}}, 2).numeric, batch.numeric);
  EXPECT_NE(rows.Read({.negative_keep = 0.25F, .dropout = {}}, 1, 6).numeric, batch.numeric);
}

TEST(ThinnedReader, KeysCountNothingInAShareOfTheExamples) {
  Rows rows;
  const Thinning thinning = ThinningOf(rows.fitted.schema, 1);
  EXPECT_EQ(thinning.dropout, (std::vector<float>{0.3F, 0}));
  EXPECT_TRUE(thinning.any());
  EXPECT_FALSE((Thinning{.negative_keep = 1, .dropout = {0, 0}}).any());
  Batch batch = rows.Read(thinning, 1);
  EXPECT_EQ(batch.examples, kRows);
  ASSERT_EQ(batch.features[0].weights.size(), kRows);
  const auto dropped = std::ranges::count(batch.features[0].weights, 0.0F);
  EXPECT_NEAR(static_cast<double>(dropped), 0.3 * kRows, 120);
  EXPECT_EQ(std::ranges::count(batch.features[0].weights, 1.0F) + dropped, kRows);
  EXPECT_TRUE(batch.features[1].weights.empty());
  batch = rows.Read({.negative_keep = 1, .dropout = {0, 0.5F}}, 1);
  const FeatureColumn& tags = batch.features[1];
  for (std::size_t i = 0; i < kRows; ++i) {  // all of an example's values or none
    for (std::size_t k = tags.Begin(i); k < tags.End(i); ++k) {
      EXPECT_EQ(tags.Weight(k), tags.Weight(tags.Begin(i))) << i;
    }
  }
}

TEST(ThinnedReader, WhatHasNoVectorHasNoDropout) {
  Schema schema;
  schema.columns = {MakeColumn("y", ColumnType::kLabel), MakeColumn("l", ColumnType::kList)};
  schema.columns[1].combiner = Combiner::kNone;
  schema.columns[1].dropout = 0.5F;
  EXPECT_THAT(ResolveSchema(schema).status().message(), HasSubstr("dropout leaves out"));
  schema.columns[1].combiner = Combiner::kSum;
  schema.columns[1].dropout = 1;
  EXPECT_THAT(ResolveSchema(schema).status().message(), HasSubstr("a probability, in [0, 1)"));
}

}  // namespace
}  // namespace rookery
