// What a new run takes of an earlier checkpoint, and what it must not lose without leave.

#include "launch/init_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/memory_file_system.h"

namespace rookery {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kData = R"(
[data]
format = "csv"
train = ["t.csv"]
)";
constexpr const char* kColumns = R"(
column = [{name = "y", type = "label"}, {name = "a", type = "categorical"},
          {name = "b", type = "categorical"}, {name = "x", type = "numeric", transform = "standard"}]
)";
constexpr const char* kDeepFm = R"(
[model]
name = "deepfm"
hidden = [3]
[table.default]
dim = 2
)";

struct Night {
  JobPlan plan;
  FittedSchema fitted;
  DenseSpec dense;

  [[nodiscard]] InitSource Source() const {
    InitSource source{"old", {}, fitted};
    source.manifest.tables = plan.tables;
    source.manifest.dense = dense;
    return source;
  }
};

Night MakeNight(const std::string& columns, const std::string& model) {
  MemoryFileSystem files;
  EXPECT_TRUE(WriteFileAtomically(files, "t.csv", "1,a,b,2\n").ok());
  const auto job = ParseJob(kData + columns + model, "job.toml", {});
  EXPECT_TRUE(job.ok()) << job.status().ToString();
  auto plan = MakePlan(files, *job, {1, 1}, "run", "host");
  EXPECT_TRUE(plan.ok()) << plan.status().ToString();
  Night night{std::move(*plan), {}, {}};
  night.fitted.schema = night.plan.job.data.schema;
  for (const Column& column : night.fitted.schema.columns) {
    if (column.type == ColumnType::kNumeric) night.fitted.statistics.push_back({1, 2, 0, 9});
  }
  for (const BucketFeature& bucket : night.fitted.schema.buckets) {
    night.fitted.bucket_boundaries.push_back(bucket.boundaries);
  }
  night.dense = MakeWorkerModelOf(night.plan.job, {})->dense;
  return night;
}

StatusOr<InitPlan> Plan(const Night& before, const Night& now,
                        const std::vector<std::string>& policies = {}) {
  ROOKERY_ASSIGN_OR_RETURN(const InitPolicies parsed, InitPolicies::Parse(policies));
  return MakeInitPlan(before.Source(), now.plan, now.fitted, now.dense, parsed);
}

const DenseBlockInit& Block(const InitPlan& plan, const std::string& name) {
  return *std::ranges::find(plan.blocks, name, &DenseBlockInit::name);
}

TEST(InitPolicies, WhatIsNoPolicyIsRefused) {
  for (const char* bad : {"", "=drop", "feature.=drop", "feature.a", "feature.a=keep", "a=drop"}) {
    EXPECT_THAT(InitPolicies::Parse({bad}).status().message(), HasSubstr("must be feature.NAME"))
        << bad;
  }
  EXPECT_THAT(InitPolicies::Parse({"table.t=drop", "table.t=reset"}).status().message(),
              HasSubstr("has a policy already"));
  const auto parsed = InitPolicies::Parse({"feature.a=b=drop"});
  EXPECT_TRUE(parsed->Allows("feature.a=b", "drop"));
  EXPECT_FALSE(parsed->Allows("feature.a=b", "changed"));
}

TEST(InitPlan, TheSameJobTakesAll) {
  const Night night = MakeNight(kColumns, kDeepFm);
  const auto plan = Plan(night, night);
  ASSERT_TRUE(plan.ok()) << plan.status().ToString();
  EXPECT_THAT(plan->features, IsEmpty());
  EXPECT_TRUE(plan->tables[0].rows && plan->tables[0].state && plan->dense_state);
  for (const DenseBlockInit& block : plan->blocks) EXPECT_EQ(block.taken(), block.to->rows);
}

// Rows of tower.0.weight: two of a, two of b, x.
TEST(InitPlan, RowsOfAWeightFollowTheirInputs) {
  const Night before = MakeNight(kColumns, kDeepFm);
  const Night now = MakeNight(
      R"(column = [{name = "y", type = "label"}, {name = "z", type = "numeric"},
                   {name = "b", type = "categorical"}, {name = "n", type = "categorical"},
                   {name = "x", type = "numeric", transform = "standard"},
                   {name = "a", type = "categorical"}])",
      kDeepFm);
  const auto plan = Plan(before, now);
  ASSERT_TRUE(plan.ok()) << plan.status().ToString();
  EXPECT_THAT(Block(*plan, "tower.0.weight").rows,
              ElementsAre(2, 3, kFreshRow, kFreshRow, 0, 1, kFreshRow, 4));
  EXPECT_EQ(plan->features.size(), 2U);
}

// Rows of top.0.weight: 2 of the bottom tower; (a, bottom); (b, bottom), (b, a).
TEST(InitPlan, PairsOfDlrmFollowTheirFeatures) {
  const std::string model =
      "\n[model]\nname = \"dlrm\"\nhidden = [3]\nbottom = [2]\n[table.default]\ndim = 2\n";
  const Night before = MakeNight(kColumns, model);
  const Night now = MakeNight(
      R"(column = [{name = "y", type = "label"}, {name = "b", type = "categorical"},
                   {name = "c", type = "categorical"}, {name = "a", type = "categorical"},
                   {name = "x", type = "numeric", transform = "standard"}])",
      model);
  const auto plan = Plan(before, now);
  ASSERT_TRUE(plan.ok()) << plan.status().ToString();
  // (b, bottom); (c, bottom), (c, b); (a, bottom), (a, b), (a, c)
  EXPECT_THAT(Block(*plan, "top.0.weight").rows,
              ElementsAre(0, 1, 3, kFreshRow, kFreshRow, 2, 4, kFreshRow));
  EXPECT_THAT(Block(*plan, "bottom.0.weight").rows, ElementsAre(0));
}

TEST(InitPlan, ADroppedFeatureNeedsLeaveAndItsRowsGo) {
  const Night before = MakeNight(kColumns, kDeepFm);
  const Night now = MakeNight(
      R"(column = [{name = "y", type = "label"}, {name = "a", type = "categorical"},
                   {name = "b", type = "ignore"}, {name = "n", type = "categorical"},
                   {name = "x", type = "numeric", transform = "standard"}])",
      kDeepFm);
  EXPECT_EQ(Plan(before, now).status().message(),
            "old: not all of it would be taken. Change the job, or allow each:\n"
            "  feature 'b' is not in the job: --init-policy feature.b=drop");
  const auto plan = Plan(before, now, {"feature.b=drop"});
  ASSERT_TRUE(plan.ok()) << plan.status().ToString();
  EXPECT_THAT(Block(*plan, "tower.0.weight").rows, ElementsAre(0, 1, kFreshRow, kFreshRow, 4));
  EXPECT_THAT(Plan(before, now, {"feature.b=drop", "feature.q=drop"}).status().message(),
              HasSubstr("feature.q=drop: neither the job nor old has it"));
}

TEST(InitPlan, WhatFindsOtherRowsOrIsScaledOtherwiseNeedsLeave) {
  const Night before = MakeNight(kColumns, kDeepFm);
  Night now = MakeNight(
      R"(column = [{name = "y", type = "label"}, {name = "a", type = "categorical", space = "s"},
                   {name = "b", type = "categorical"},
                   {name = "x", type = "numeric", transform = "log"}])",
      kDeepFm);
  const std::string message = Plan(before, now).status().message();
  EXPECT_THAT(message,
              HasSubstr("feature 'a': its keys are others (key, space or salt), so it does "
                        "not find its rows: --init-policy feature.a=changed"));
  EXPECT_THAT(message, HasSubstr("feature 'x': its numbers have another transform"));
  EXPECT_TRUE(Plan(before, now, {"feature.a=changed", "feature.x=changed"}).ok());
  now = MakeNight(kColumns, kDeepFm);
  now.fitted.statistics[0].mean = 7;
  EXPECT_THAT(Plan(before, now).status().message(),
              HasSubstr("feature 'x': its numbers are scaled by other statistics"));
  now.fitted = KeepStatistics(before.fitted, now.fitted);
  EXPECT_TRUE(Plan(before, now).ok());
}

TEST(InitPlan, TablesAndBlocksOfAnotherShapeNeedLeave) {
  const Night before = MakeNight(kColumns, kDeepFm);
  const Night wider = MakeNight(kColumns,
                                "\n[model]\nname = \"deepfm\"\nhidden = [5, 4]\n[table.default]\n"
                                "dim = 3\nupdater = \"sgd\"\n[dense]\nupdater = \"sgd\"\n");
  const std::string message = Plan(before, wider).status().message();
  for (const char* policy :
       {"table.default=reset", "dense.updater=reset-state", "dense.tower.0.weight=reset",
        "dense.tower.0.bias=reset", "dense.tower.output.weight=reset"}) {
    EXPECT_THAT(message, HasSubstr(policy));
  }
  EXPECT_THAT(message, Not(HasSubstr("table.default.updater")));  // its rows go anyway
  const Night flat =
      MakeNight(kColumns, "\n[model]\nname = \"lr\"\n[table.default]\nupdater = \"ftrl\"\n");
  EXPECT_THAT(Plan(before, flat).status().message(), HasSubstr("dense.tower.0.weight=drop"));
}

TEST(InitPlan, AnotherUpdaterNeedsLeave) {
  const Night before = MakeNight(kColumns, kDeepFm);
  const Night now = MakeNight(kColumns, std::string(kDeepFm) + "updater = \"adam\"\n");
  EXPECT_THAT(Plan(before, now).status().message(),
              HasSubstr("--init-policy table.default.updater=reset-state"));
  const auto plan = Plan(before, now, {"table.default.updater=reset-state"});
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(plan->tables[0].rows);
  EXPECT_FALSE(plan->tables[0].state);
  const Night faster = MakeNight(kColumns, std::string(kDeepFm) + "learning_rate = 0.5\n");
  EXPECT_TRUE(Plan(before, faster)->tables[0].state);
}

}  // namespace
}  // namespace rookery
