#include "data/feature_encoder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/data/testing/input_fixture.h"

namespace rookery {
namespace {

using Cells = std::vector<std::string_view>;

FittedSchema SiteAndAge() {
  FittedSchema fitted;
  fitted.schema.salt = 7;
  fitted.schema.missing = {"?"};
  fitted.schema.columns = {
      MakeColumn("y", ColumnType::kLabel), MakeColumn("site", ColumnType::kCategorical),
      MakeColumn("age", ColumnType::kNumeric), MakeColumn("tags", ColumnType::kList)};
  fitted.schema.columns[3].length_max = 2;
  fitted.schema.buckets = {{"age_bucket", "age", 0, {10, 20}, {}}};
  fitted.schema.crosses = {{"site_x_age", {"site", "age_bucket"}, {}}};
  fitted.schema = *ResolveSchema(fitted.schema);
  fitted.statistics = {{30, 10, 0, 80}};
  fitted.bucket_boundaries = {{10, 20}};
  return fitted;
}

// The numbers come from another implementation of XXH3-64 (the Python package xxhash). They are a
// public format: saved models are useless when one of them changes.
TEST(FeatureEncoder, GoldenKeys) {
  const FittedSchema fitted = SiteAndAge();
  FeatureEncoder encoder(&fitted, true);
  Batch batch;
  encoder.Clear(&batch);
  ASSERT_TRUE(encoder.Append(Cells{"1", "e151e245", "20", ""}, &batch));
  ASSERT_TRUE(encoder.Append(Cells{"0", "?", "", ""}, &batch));
  EXPECT_EQ(batch.features[0].keys, (std::vector<Key>{0xbc2c311a46ed1f48U, 0x60375c6c792306a6U}));
  EXPECT_EQ(batch.features[2].keys, (std::vector<Key>{0x3f180aaf222d689cU, 0xef1f709d89602565U}));
  EXPECT_EQ(batch.features[3].keys[0], 0x2c6e299bad5bf1b0U);
}

TEST(FeatureEncoder, ListsKeepTheFirstValuesAndDropEmptyOnes) {
  const FittedSchema fitted = SiteAndAge();
  FeatureEncoder encoder(&fitted, true);
  Batch batch;
  encoder.Clear(&batch);
  for (const std::string_view tags : {"a||b|c", "", "c"}) {
    ASSERT_TRUE(encoder.Append(Cells{"1", "s", "1", tags}, &batch));
  }
  EXPECT_EQ(batch.features[1].offsets, (std::vector<std::uint32_t>{0, 2, 2, 3}));
  EXPECT_EQ(batch.features[1].keys, (std::vector<Key>{KeyIn("tags", "a", 7), KeyIn("tags", "b", 7),
                                                      KeyIn("tags", "c", 7)}));
}

TEST(FeatureEncoder, ListsKeepTheLastValuesOnDemand) {
  FittedSchema fitted = SiteAndAge();
  fitted.schema.columns[3].keep = ListEnd::kLast;
  FeatureEncoder encoder(&fitted, true);
  Batch batch;
  encoder.Clear(&batch);
  for (const std::string_view tags : {"d", "a||b|c|", "", "c|a"}) {
    ASSERT_TRUE(encoder.Append(Cells{"1", "s", "1", tags}, &batch));
  }
  EXPECT_EQ(batch.features[1].offsets, (std::vector<std::uint32_t>{0, 1, 3, 3, 5}));
  std::vector<Key> keys;
  for (const char* tag : {"d", "b", "c", "c", "a"}) keys.push_back(KeyIn("tags", tag, 7));
  EXPECT_EQ(batch.features[1].keys, keys);
}

// A pair's weight goes with it.
TEST(FeatureEncoder, PairsKeepTheLastOnesWithTheirWeights) {
  FittedSchema fitted;
  fitted.schema.format = InputFormat::kLibsvm;
  fitted.schema.columns = {MakeColumn("y", ColumnType::kLabel), MakeColumn("x", ColumnType::kList)};
  fitted.schema.columns[1].length_max = 2;
  fitted.schema.columns[1].keep = ListEnd::kLast;
  fitted.schema = *ResolveSchema(fitted.schema);
  FeatureEncoder encoder(&fitted, true);
  Batch batch;
  encoder.Clear(&batch);
  ASSERT_TRUE(encoder.Append(Cells{"1", "7:2 8:3 9:4"}, &batch));
  EXPECT_EQ(batch.features[0].keys, (std::vector<Key>{KeyIn("x", "8"), KeyIn("x", "9")}));
  EXPECT_EQ(batch.features[0].weights, (std::vector<float>{3, 4}));
}

float Encoded(NumericTransform transform, std::optional<float> fill, std::string_view cell) {
  FittedSchema fitted = SiteAndAge();
  fitted.schema.columns[2].transform = transform;
  fitted.schema.columns[2].fill = fill;
  FeatureEncoder encoder(&fitted, true);
  Batch batch;
  encoder.Clear(&batch);
  EXPECT_TRUE(encoder.Append(Cells{"1", "s", cell, ""}, &batch));
  return batch.numeric.at(0);
}

TEST(FeatureEncoder, TransformsNumbers) {
  EXPECT_EQ(Encoded(NumericTransform::kNone, {}, "-1.5e1"), -15);
  EXPECT_EQ(Encoded(NumericTransform::kNone, {}, "+7"), 7);
  EXPECT_EQ(Encoded(NumericTransform::kNone, {}, ""), 30);
  EXPECT_EQ(Encoded(NumericTransform::kNone, 4, "?"), 4);
  EXPECT_FLOAT_EQ(Encoded(NumericTransform::kLog, {}, "7"), 2.0794415F);
  EXPECT_FLOAT_EQ(Encoded(NumericTransform::kLog, {}, "-7"), -2.0794415F);
  EXPECT_FLOAT_EQ(Encoded(NumericTransform::kLog, {}, "1e6"), 13.815512F);
  EXPECT_FLOAT_EQ(Encoded(NumericTransform::kLog, 7, ""), 2.0794415F);
  EXPECT_EQ(Encoded(NumericTransform::kMinMax, {}, "20"), 0.25F);
  EXPECT_EQ(Encoded(NumericTransform::kStandard, {}, "50"), 2);
  EXPECT_EQ(Encoded(NumericTransform::kStandard, {}, ""), 0);
}

TEST(FeatureEncoder, BucketBordersBelongToTheRight) {
  const FittedSchema fitted = SiteAndAge();
  FeatureEncoder encoder(&fitted, true);
  Batch batch;
  encoder.Clear(&batch);
  for (const std::string_view age : {"9.99", "10", "19", "20", "1e9"}) {
    ASSERT_TRUE(encoder.Append(Cells{"1", "s", age, ""}, &batch));
  }
  const auto key = [](std::string_view index) { return KeyIn("age_bucket", index, 7); };
  EXPECT_EQ(batch.features[2].keys,
            (std::vector<Key>{key("0"), key("1"), key("1"), key("2"), key("2")}));
}

TEST(FeatureEncoder, AFailureLeavesTheBatchAsItWas) {
  const FittedSchema fitted = SiteAndAge();
  FeatureEncoder encoder(&fitted, true);
  Batch batch;
  encoder.Clear(&batch);
  ASSERT_TRUE(encoder.Append(Cells{"1", "s", "1", "a|b"}, &batch));
  EXPECT_FALSE(encoder.Append(Cells{"1", "s", "x1", "a|b"}, &batch));
  EXPECT_EQ(encoder.error().column, 2U);
  EXPECT_EQ(encoder.error().what,
            "column \"age\": \"x1\" is not a number; write one, or name it in data.missing if it "
            "means \"no value\"");
  EXPECT_FALSE(encoder.Append(Cells{"", "s", "1", "a|b"}, &batch));
  EXPECT_EQ(batch.examples, 1U);
  EXPECT_EQ(batch.labels.size(), 1U);
  EXPECT_EQ(batch.numeric.size(), 1U);
  EXPECT_EQ(batch.features[0].keys.size(), 1U);
  EXPECT_EQ(batch.features[1].keys.size(), 2U);
  EXPECT_EQ(batch.features[1].offsets.size(), 2U);
  ASSERT_TRUE(encoder.Append(Cells{"0", "s", "1", "c"}, &batch));
  EXPECT_EQ(batch.features[1].offsets.back(), 3U);
}

TEST(FeatureEncoder, IdentityKeysAndNonFiniteNumbers) {
  FittedSchema fitted = SiteAndAge();
  fitted.schema.columns[1].key = KeyKind::kIdentity;
  FeatureEncoder encoder(&fitted, true);
  Batch batch;
  encoder.Clear(&batch);
  for (const std::string_view id : {"0", "18446744073709551615", "-2", ""}) {
    ASSERT_TRUE(encoder.Append(Cells{"1", id, "1", ""}, &batch)) << id;
  }
  EXPECT_EQ(batch.features[0].keys, (std::vector<Key>{0, ~Key{0}, ~Key{1}, KeyIn("site", "", 7)}));
  for (const std::string_view id : {"18446744073709551616", "1.0", "a", "0x1", "-"}) {
    EXPECT_FALSE(encoder.Append(Cells{"1", id, "1", ""}, &batch)) << id;
  }
  for (const std::string_view number : {"nan", "inf", "-inf", "1e39", "1e999", "1 2", "-", "1,5"}) {
    EXPECT_FALSE(encoder.Append(Cells{"1", "1", number, ""}, &batch)) << number;
    EXPECT_FALSE(encoder.Append(Cells{number, "1", "1", ""}, &batch)) << number;
  }
  ASSERT_TRUE(encoder.Append(Cells{"1", "1", "1e-999", ""}, &batch));
  EXPECT_EQ(batch.numeric.back(), 0);
}

TEST(FeatureEncoder, AbsentLabelsAreNaNWhenNotRequired) {
  const FittedSchema fitted = SiteAndAge();
  FeatureEncoder encoder(&fitted, false);
  Batch batch;
  encoder.Clear(&batch);
  ASSERT_TRUE(encoder.Append(Cells{"", "s", "1", ""}, &batch));
  EXPECT_TRUE(std::isnan(batch.labels[0]));
}

}  // namespace
}  // namespace rookery
