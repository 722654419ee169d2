#include "data/transform.h"

#include <gtest/gtest.h>

#include <cmath>

#include "data/input.h"
#include "tests/data/testing/input_fixture.h"

namespace rookery {
namespace {

FittedSchema Example() {
  Schema schema;
  schema.salt = 0xffffffffffffffffU;
  schema.missing = {"?", "NA"};
  schema.skip_prefixes = {"#"};
  schema.delimiter = '\t';
  schema.quote = '\0';
  schema.columns = {MakeColumn("y", ColumnType::kLabel), MakeColumn("x", ColumnType::kNumeric),
                    MakeColumn("c", ColumnType::kCategorical), MakeColumn("l", ColumnType::kList)};
  schema.columns[0].positive = {"yes", ">50K"};
  schema.columns[1].transform = NumericTransform::kStandard;
  schema.columns[1].fill = 0.1F;
  schema.columns[2].tables = {"wide"};
  schema.columns[3].separator = ';';
  schema.columns[3].combiner = Combiner::kSqrtN;
  schema.columns[3].length_max = 9;
  schema.columns[3].keep = ListEnd::kLast;
  schema.buckets = {{"b", "x", 2, {}, {}}, {"given", "x", 0, {-1.5F, 0.3F}, {"wide"}}};
  schema.crosses = {{"k", {"c", "b"}, {}}};
  FittedSchema fitted;
  fitted.schema = *ResolveSchema(schema);
  fitted.statistics = {{1.0 / 3.0, 0.7, -1e30, 3.0}};
  fitted.bucket_boundaries = {{0.1F}, {-1.5F, 0.3F}};
  fitted.signed_labels = true;
  fitted.label_means = {0.24};
  fitted.examples_seen = 12345678901234U;
  return fitted;
}

TEST(Transform, JsonKeepsEveryDigitAndMember) {
  const FittedSchema fitted = Example();
  const std::string json = FittedSchemaToJson(fitted);
  const auto again = FittedSchemaFromJson(json);
  ASSERT_TRUE(again.ok()) << again.status().ToString() << json;
  EXPECT_EQ(FittedSchemaToJson(*again), json);
  EXPECT_EQ(again->schema.salt, fitted.schema.salt);
  EXPECT_EQ(again->schema.columns[1].fill, 0.1F);
  EXPECT_EQ(again->schema.columns[3].separator, ';');
  EXPECT_EQ(again->schema.columns[3].combiner, Combiner::kSqrtN);
  EXPECT_EQ(again->schema.quote, '\0');
  EXPECT_EQ(again->statistics[0].mean, 1.0 / 3.0);
  EXPECT_EQ(again->bucket_boundaries, fitted.bucket_boundaries);
  EXPECT_TRUE(again->signed_labels);
  EXPECT_EQ(again->examples_seen, fitted.examples_seen);
}

TEST(Transform, JsonRefusesWhatDoesNotFit) {
  const std::string json = FittedSchemaToJson(Example());
  const auto changed = [&json](std::string_view from, std::string_view to) {
    std::string text = json;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    return FittedSchemaFromJson(text).status().ToString();
  };
  EXPECT_NE(changed("\"format\": 1,", "\"format\": 2,").find("format 2"), std::string::npos);
  EXPECT_NE(changed("\"categorical\"", "\"catgorical\"").find("known: label"), std::string::npos);
  EXPECT_NE(changed("\"label_mean\"", "\"x\"").find("\"label_mean\" is missing"),
            std::string::npos);
  EXPECT_NE(changed("[0.10000000149011612]", "[]").find("ok"), std::string::npos);
  EXPECT_NE(changed("[-1.5, 0.30000001192092896]", "[0.5, 0.1]").find("ascend"), std::string::npos);
  EXPECT_NE(changed("\"type\": \"label\"", "\"type\": \"ignore\"").find("no column has"),
            std::string::npos);
  EXPECT_NE(changed("{", "[").find("features.json:"), std::string::npos);
}

TEST(Transform, FitFindsStatisticsQuantilesAndLabels) {
  Schema schema;
  schema.columns = {MakeColumn("y", ColumnType::kLabel), MakeColumn("x", ColumnType::kNumeric)};
  schema.buckets = {{"quartile", "x", 4, {}, {}}, {"given", "x", 0, {2.5F}, {}}};
  MemoryFileSystem files;
  WriteText(files, "a", "1,1\n-1,2\n1,\n1,3\n-1,4\n");
  WriteText(files, "b", "1,100\n");
  const InputOptions options{{"a", "b"}, 2, true};
  const auto fitted = FitSchema(&files, *ResolveSchema(schema), options, 5);
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  EXPECT_EQ(fitted->examples_seen, 5U);
  EXPECT_TRUE(fitted->signed_labels);
  EXPECT_DOUBLE_EQ(fitted->label_means[0], 0.6);
  EXPECT_DOUBLE_EQ(fitted->statistics[0].mean, 2.5);
  EXPECT_DOUBLE_EQ(fitted->statistics[0].standard_deviation, std::sqrt(1.25));
  EXPECT_EQ(fitted->statistics[0].minimum, 1);
  EXPECT_EQ(fitted->statistics[0].maximum, 4);
  EXPECT_EQ(fitted->bucket_boundaries[0], (std::vector<float>{2, 3, 4}));
  EXPECT_EQ(fitted->bucket_boundaries[1], std::vector<float>{2.5F});
  EXPECT_EQ(FitSchema(&files, *ResolveSchema(schema), options, 100)->statistics[0].maximum, 100);
}

}  // namespace
}  // namespace rookery
