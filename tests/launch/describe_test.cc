// `rookery describe`: what it counts, by hand, and what it calls drift.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/json.h"
#include "common/random.h"
#include "launch/describe/describe_report.h"
#include "tests/data/testing/input_fixture.h"

namespace rookery {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Schema ColumnsOfAll() {
  Schema schema;
  schema.columns = {MakeColumn("y", ColumnType::kLabel), MakeColumn("age", ColumnType::kNumeric),
                    MakeColumn("city<b>", ColumnType::kCategorical),
                    MakeColumn("tags", ColumnType::kList), MakeColumn("pay", ColumnType::kNumeric)};
  schema.columns[1].transform = NumericTransform::kStandard;
  schema.columns[4].input = false;
  schema.missing = {"?"};
  schema.buckets = {{"b", "pay", 2, {}, {}}};
  return *ResolveSchema(schema);
}

DataProfile ProfileOf(const std::string& text, std::uint64_t examples_max = 1000) {
  MemoryFileSystem files;
  WriteText(files, "in.csv", text);
  auto profile = ProfileData(files, ColumnsOfAll(), {"in.csv"}, examples_max);
  EXPECT_TRUE(profile.ok()) << profile.status().ToString();
  return std::move(*profile);
}

TEST(Describe, CountsWhatIsThereAndWhatIsNot) {
  const DataProfile profile =
      ProfileOf("1,30,rome,a|b,7\n0,?,rome,,8\n1,50,?,a,9\n0,40,oslo,c|c,\n");
  EXPECT_EQ(profile.examples, 4U);
  ASSERT_EQ(profile.labels.size(), 1U);
  EXPECT_EQ(profile.labels[0].Mean(), 0.5);
  ASSERT_EQ(profile.numbers.size(), 2U);
  EXPECT_EQ(profile.numbers[0].missing, 1U);
  EXPECT_EQ(profile.numbers[0].values, (std::vector<float>{30, 40, 50}));
  EXPECT_EQ(profile.numbers[0].Quantile(0.5), 40);
  EXPECT_EQ(profile.numbers[1].name, "pay");
  ASSERT_EQ(profile.features.size(), 2U);
  EXPECT_EQ(profile.features[0].missing, 1U);
  EXPECT_EQ(profile.features[0].counts.size(), 2U);
  EXPECT_EQ(profile.features[1].missing, 1U);
  EXPECT_EQ(profile.features[1].keys, 5U);
  EXPECT_EQ(ProfileOf("1,1,a,b,1\n0,1,a,b,1\n", 1).examples, 1U);
}

std::string Rows(std::size_t count, std::uint64_t seed, double shift, const std::string& city) {
  Random random(seed, Purpose::kTest);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += StrCat(random.NextBelow(2), ",", random.NextNormal() + shift, ",", city,
                   random.NextBelow(20), ",t", random.NextBelow(5), ",1\n");
  }
  return text;
}

TEST(Describe, DriftIsNearZeroForTheSameAndGrowsWithTheChange) {
  const DataProfile before = ProfileOf(Rows(4000, 1, 0, "c"), 4000);
  const DataProfile same = ProfileOf(Rows(4000, 2, 0, "c"), 4000);
  const DataProfile moved = ProfileOf(Rows(4000, 3, 1, "d"), 4000);
  EXPECT_LT(DriftOf(before.numbers[0], same.numbers[0]), 0.02);
  EXPECT_GT(DriftOf(before.numbers[0], moved.numbers[0]), 0.5);
  EXPECT_LT(DriftOf(before.features[0], same.features[0]), 0.05);
  EXPECT_GT(DriftOf(before.features[0], moved.features[0]), 2);
  EXPECT_EQ(UnseenShare(before.features[0], same.features[0]), 0);
  EXPECT_EQ(UnseenShare(before.features[0], moved.features[0]), 1);
  EXPECT_EQ(DriftOf(before.numbers[1], moved.numbers[1]), 0);
}

// Half of the values in the upper of two equal bins become three quarters.
TEST(Describe, DriftIsTheStabilityIndex) {
  NumberProfile before, now;
  before.values = {1, 1, 1, 1, 1, 2, 2, 2, 2, 2};
  now.values = {1, 1, 2, 2, 2, 2, 2, 2};
  const double expected = -0.25 * std::log(0.25 / 0.5) + 0.25 * std::log(0.75 / 0.5);
  EXPECT_NEAR(DriftOf(before, now), expected, 1e-9);
}

TEST(Describe, SaysItAsTextPageAndJson) {
  Description description{"train", ProfileOf(Rows(500, 1, 0, "c")), "test",
                          ProfileOf(Rows(400, 3, 1, "d"))};
  const std::string text = DescribeText(description);
  EXPECT_THAT(text, HasSubstr("train: 500 examples; drift and unseen keys of test: 400 examples"));
  EXPECT_THAT(text, HasSubstr("MUCH"));
  EXPECT_THAT(text, HasSubstr("city<b>"));
  const std::string html = DescribeHtml(description);
  EXPECT_THAT(html, HasSubstr("city&lt;b>"));
  EXPECT_THAT(html, Not(HasSubstr("city<b>")));
  EXPECT_THAT(html, HasSubstr("class=\"much\""));
  const auto json = ParseJson(DescribeJson(description), "json");
  ASSERT_TRUE(json.ok()) << json.status().ToString();
  const JsonObject& object = json->as_object();
  EXPECT_EQ(object.at("against"), "test");
  ASSERT_EQ(object.at("columns").as_array().size(), 5U);
  const JsonObject& city = object.at("columns").as_array()[3].as_object();
  EXPECT_EQ(city.at("name"), "city<b>");
  EXPECT_EQ(city.at("unseen").to_number<double>(), 1);
  description.other_name.clear();
  EXPECT_THAT(DescribeText(description), Not(HasSubstr("drift")));
}

}  // namespace
}  // namespace rookery
