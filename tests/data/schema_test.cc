#include "data/schema.h"

#include <gtest/gtest.h>

#include "common/hash.h"
#include "tests/data/testing/input_fixture.h"

namespace rookery {
namespace {

Schema Valid() {
  Schema schema;
  schema.columns = {MakeColumn("y", ColumnType::kLabel), MakeColumn("age", ColumnType::kNumeric),
                    MakeColumn("job", ColumnType::kCategorical),
                    MakeColumn("tags", ColumnType::kList)};
  schema.buckets = {{"age_bucket", "age", 4, {}, {}}};
  schema.crosses = {{"job_x_age", {"job", "age_bucket"}, {}}};
  return schema;
}

std::string MessageOf(const Schema& schema) {
  return ResolveSchema(schema).status().ToString();
}

TEST(Schema, LayoutIsColumnsThenBucketsThenCrosses) {
  const auto schema = ResolveSchema(Valid());
  ASSERT_TRUE(schema.ok()) << schema.status().ToString();
  const FeatureLayout layout = LayoutOf(*schema);
  ASSERT_EQ(layout.features.size(), 4U);
  EXPECT_EQ(layout.features[0].name, "job");
  EXPECT_EQ(layout.features[1].name, "tags");
  EXPECT_TRUE(layout.features[1].list);
  EXPECT_EQ(layout.features[1].combiner, Combiner::kMean);
  EXPECT_EQ(layout.features[2].name, "age_bucket");
  EXPECT_EQ(layout.features[3].name, "job_x_age");
  EXPECT_EQ(layout.features[3].space_seed, HashText("job_x_age", 0));
  EXPECT_EQ(layout.numeric, std::vector<std::string>{"age"});
}

TEST(Schema, FillsCriteoAndLibsvm) {
  Schema criteo;
  criteo.format = InputFormat::kCriteo;
  const auto resolved = ResolveSchema(criteo);
  ASSERT_TRUE(resolved.ok());
  EXPECT_EQ(resolved->columns.size(), 40U);
  EXPECT_EQ(resolved->columns[13].name, "i13");
  EXPECT_EQ(resolved->columns[39].name, "c26");
  EXPECT_EQ(LayoutOf(*resolved).numeric.size(), 13U);
  EXPECT_EQ(LayoutOf(*resolved).features.size(), 26U);

  Schema libsvm;
  libsvm.format = InputFormat::kLibsvm;
  const FeatureLayout layout = LayoutOf(*ResolveSchema(libsvm));
  ASSERT_EQ(layout.features.size(), 1U);
  EXPECT_EQ(layout.features[0].name, "features");
  EXPECT_EQ(layout.features[0].key, KeyKind::kIdentity);
  EXPECT_EQ(layout.features[0].combiner, Combiner::kSum);
  EXPECT_TRUE(layout.features[0].list && layout.features[0].weighted);
}

TEST(Schema, RefusesContradictions) {
  EXPECT_NE(MessageOf(Schema()).find("no [[data.column]]"), std::string::npos);
  Schema schema = Valid();
  schema.columns[0].type = ColumnType::kIgnore;
  EXPECT_EQ(MessageOf(schema),
            "invalid input: [data]: no column has type \"label\"; one must, or several for a model "
            "that learns several");
  schema = Valid();
  schema.columns[2].name = "age";
  EXPECT_NE(MessageOf(schema).find("\"age\": the name is used twice"), std::string::npos);
  schema = Valid();
  schema.crosses[0].parts[0] = "jab";
  EXPECT_NE(MessageOf(schema).find("part \"jab\" is neither"), std::string::npos);
  schema.crosses[0].parts[0] = "tags";
  EXPECT_NE(MessageOf(schema).find("part \"tags\" is neither"), std::string::npos);
  schema.crosses[0].parts = {"job"};
  EXPECT_NE(MessageOf(schema).find("two parts"), std::string::npos);
  schema = Valid();
  schema.buckets[0].column = "job";
  EXPECT_NE(MessageOf(schema).find("\"job\" is not a numeric column"), std::string::npos);
  schema = Valid();
  schema.buckets[0].boundaries = {1, 1};
  EXPECT_NE(MessageOf(schema).find("ascending"), std::string::npos);
  schema = Valid();
  schema.skip_prefixes = {""};
  EXPECT_NE(MessageOf(schema).find("skip every line"), std::string::npos);
}

TEST(Schema, IdentityKeysNeedASpaceOrATable) {
  Schema schema = Valid();
  schema.columns[2].key = KeyKind::kIdentity;
  schema.columns[3].key = KeyKind::kIdentity;
  EXPECT_NE(MessageOf(schema).find("\"tags\": key = \"identity\" in the same table as \"job\""),
            std::string::npos);
  schema.columns[2].space = schema.columns[3].space = "item";
  EXPECT_TRUE(ResolveSchema(schema).ok());
  schema.columns[3].space = "other";
  schema.columns[2].tables = {"a"};
  EXPECT_FALSE(ResolveSchema(schema).ok());  // no tables: all of them, a too
  schema.columns[3].tables = {"b"};
  EXPECT_TRUE(ResolveSchema(schema).ok());
}

}  // namespace
}  // namespace rookery
