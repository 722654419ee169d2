#include "worker/seen_split.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace rookery {
namespace {

// Features: 0 a column, 1 a list, 2 a sequence. Table 0 has feature 0 alone, table 1 all of them.
std::vector<ModelTable> Tables() {
  std::vector<ModelTable> tables(2);
  tables[0].features = {0};
  tables[1].features = {0, 1};
  tables[1].sequences = {2};
  return tables;
}

// Scores and labels tell the examples apart: of group g the mean squared error is that of its own.
Batch FourExamples() {
  Batch batch;
  batch.examples = 4;
  batch.labels = {0, 0, 0, 0};
  batch.features.resize(3);
  batch.features[0].keys = {10, 11, 10, 12};
  batch.features[1].keys = {20, 21, 21, 22};
  batch.features[1].offsets = {0, 2, 2, 3, 4};  // the second example has none
  batch.features[2].keys = {11, 30};
  batch.features[2].offsets = {0, 1, 1, 1, 2};
  return batch;
}
const std::vector<float> kScores = {1, 2, 4, 8};

// Sets what the servers would say: in table t the keys `rows[t]` have a row.
void Answer(const StepPlan& plan, const std::vector<std::vector<Key>>& rows,
            const PooledVector<std::span<std::uint8_t>>& present) {
  ASSERT_EQ(present.size(), plan.tables.size());
  for (std::size_t t = 0; t < present.size(); ++t) {
    const std::vector<Key>& keys = plan.tables[t].keys;
    ASSERT_EQ(present[t].size(), keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      present[t][i] = std::ranges::count(rows[t], keys[i]) > 0 ? 1 : 0;
    }
  }
}

// The squared scores of a group's examples.
double SquaresOf(const SeenMetrics& metrics, std::size_t feature, bool seen) {
  const std::vector<std::string> name = {"y"};
  const LabelMetrics& group = metrics.of(feature, seen);
  if (group.examples() == 0) return 0;
  return group.Values(name).at("mse") * static_cast<double>(group.examples());
}

TEST(SeenSplit, AnExampleIsSeenWhenAnyKeyOfTheFeatureHasARowInItsFirstTable) {
  const std::vector<ModelTable> tables = Tables();
  const std::vector<std::uint32_t> features = {1, 0, 2};
  SeenSplit split(tables, features, TaskKind::kRegression, 1);
  StepPlanner planner(&tables, {Combiner::kSum, Combiner::kSum, Combiner::kNone}, 2, 16);
  const Batch batch = FourExamples();
  StepPlan plan;
  planner.Plan(batch, false, &plan);
  for (int twice = 0; twice < 2; ++twice) {
    ASSERT_NO_FATAL_FAILURE(Answer(plan, {{10}, {11, 12, 21, 30}}, split.PresentSpans(plan)));
    split.Add(batch, plan, kScores);
  }
  const SeenMetrics& metrics = split.metrics();
  EXPECT_EQ(SquaresOf(metrics, 0, true), 2 * (1 + 16));  // 21 has a row; an empty list has none
  EXPECT_EQ(SquaresOf(metrics, 0, false), 2 * (4 + 64));
  EXPECT_EQ(SquaresOf(metrics, 1, true), 2 * (1 + 16));  // by table 0, not by table 1
  EXPECT_EQ(SquaresOf(metrics, 1, false), 2 * (4 + 64));
  EXPECT_EQ(SquaresOf(metrics, 2, true), 2 * (1 + 64));
  EXPECT_EQ(SquaresOf(metrics, 2, false), 2 * (4 + 16));
}

TEST(SeenSplit, WithoutFeaturesItAsksForNothing) {
  const std::vector<ModelTable> tables = Tables();
  SeenSplit split(tables, {}, TaskKind::kRegression, 1);
  StepPlanner planner(&tables, {Combiner::kSum, Combiner::kSum, Combiner::kNone}, 2, 16);
  StepPlan plan;
  const Batch batch = FourExamples();
  planner.Plan(batch, false, &plan);
  EXPECT_TRUE(split.PresentSpans(plan).empty());
  split.Add(batch, plan, kScores);
  EXPECT_EQ(split.metrics().Encode("all"), "all");
}

}  // namespace
}  // namespace rookery
