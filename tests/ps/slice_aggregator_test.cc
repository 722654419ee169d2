#include "ps/slice_aggregator.h"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "tests/ps/testing/keys.h"
#include "tests/ps/testing/pushes.h"

namespace rookery {
namespace {

using testing::DrawKeys;
using testing::MakePush;
using testing::OwnedPush;
using testing::PushTable;

constexpr TableId kTable{1};

Status Add(SliceAggregator* aggregator, std::uint64_t step, std::uint32_t slice,
           std::uint32_t examples, std::vector<PushTable> tables, std::vector<float> dense = {}) {
  OwnedPush push = MakePush({.step = step, .slice = slice, .examples = examples}, tables, dense);
  return aggregator->Add(std::move(push.body), std::move(push.push));
}

std::vector<float> Floats(std::span<const float> values) {
  return {values.begin(), values.end()};
}

TEST(SliceAggregator, SumsEqualKeysAndDividesByAllExamples) {
  const auto keys = testing::Ordered({1, 2, 3});
  SliceAggregator aggregator(2);
  ASSERT_TRUE(
      Add(&aggregator, 0, 1, 3, {{kTable, {keys[1], keys[2]}, {10, 20, 30, 40}}}, {4, 8}).ok());
  EXPECT_EQ(aggregator.missing(), 1U);
  ASSERT_TRUE(Add(&aggregator, 0, 0, 1, {{kTable, {keys[0], keys[1]}, {1, 2, 3, 4}}}, {4, 4}).ok());
  const StepGradients step = aggregator.Merge();
  EXPECT_EQ(step.examples, 4U);
  ASSERT_EQ(step.tables.size(), 1U);
  EXPECT_EQ((std::vector<Key>{step.tables[0].keys.begin(), step.tables[0].keys.end()}), keys);
  EXPECT_EQ(Floats(step.tables[0].gradients),
            (std::vector<float>{0.25F, 0.5F, 3.25F, 6, 7.5F, 10}));
  EXPECT_EQ(Floats(step.dense), (std::vector<float>{2, 3}));
  EXPECT_EQ(aggregator.current(), Step{1});
  EXPECT_EQ(aggregator.missing(), 2U);
}

// 1e8 + 1 - 1e8 depends on the order; slice order gives 0, the others 1.
TEST(SliceAggregator, OrderOfArrivalDoesNotMatter) {
  const std::vector<float> values{1e8F, 1, -1e8F};
  std::vector<std::uint32_t> order{0, 1, 2};
  do {
    SliceAggregator aggregator(3);
    for (const std::uint32_t slice : order) {
      ASSERT_TRUE(
          Add(&aggregator, 0, slice, 1, {{kTable, {7}, {values[slice]}}}, {values[slice]}).ok());
    }
    const StepGradients step = aggregator.Merge();
    EXPECT_EQ(step.tables[0].gradients[0], 0);
    EXPECT_EQ(step.dense[0], 0);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(SliceAggregator, AgreesWithADenseSum) {
  Random random(1, Purpose::kTest);
  for (const std::uint32_t slices : {1U, 2U, 5U, 17U}) {
    SliceAggregator aggregator(slices);
    for (std::uint64_t step = 0; step < 3; ++step) {
      std::vector<float> sums(200, 0.0F);
      std::vector<bool> seen(200, false);
      for (std::uint32_t slice = 0; slice < slices; ++slice) {
        PushTable table{kTable, DrawKeys(&random, random.NextBelow(60), 200), {}};
        for (const Key key : table.keys) {
          table.gradients.push_back(random.NextFloat());
          sums[key] += table.gradients.back();
          seen[key] = true;
        }
        ASSERT_TRUE(Add(&aggregator, step, slice, 8, {table}).ok());
      }
      const StepGradients merged = aggregator.Merge();
      std::size_t count = 0;
      for (const StepTable& table : merged.tables) {
        for (std::size_t i = 0; i < table.keys.size(); ++i, ++count) {
          EXPECT_TRUE(i == 0 || MixKey(table.keys[i - 1]) < MixKey(table.keys[i]));
          EXPECT_EQ(table.gradients[i], sums[table.keys[i]] / static_cast<float>(8 * slices));
        }
      }
      EXPECT_EQ(static_cast<std::ptrdiff_t>(count), std::count(seen.begin(), seen.end(), true));
    }
  }
}

TEST(SliceAggregator, CountsAreSummedWithTheirKeys) {
  const auto keys = testing::Ordered({1, 2, 3});
  SliceAggregator aggregator(2);
  const std::vector<PushTable> parts[] = {{{kTable, {keys[0], keys[1]}, {1, 2}, {4, 1}}},
                                          {{kTable, {keys[1], keys[2]}, {3, 4}, {2, 7}}}};
  for (std::uint32_t slice = 0; slice < 2; ++slice) {
    OwnedPush push = MakePush({.slice = slice, .flags = kPushCounts}, parts[slice]);
    ASSERT_TRUE(aggregator.Add(std::move(push.body), std::move(push.push)).ok());
  }
  const StepGradients step = aggregator.Merge();
  EXPECT_EQ(
      (std::vector<std::uint32_t>{step.tables[0].counts.begin(), step.tables[0].counts.end()}),
      (std::vector<std::uint32_t>{4, 3, 7}));
  EXPECT_EQ(Floats(step.tables[0].gradients), (std::vector<float>{0.5F, 2.5F, 2}));
}

TEST(SliceAggregator, OneSliceIsDividedInPlace) {
  SliceAggregator aggregator(1);
  OwnedPush push = MakePush({.examples = 4}, {{kTable, {5}, {8}}}, {2});
  const float* place = push.push.tables[0].gradients.data();
  ASSERT_TRUE(aggregator.Add(std::move(push.body), std::move(push.push)).ok());
  const StepGradients step = aggregator.Merge();
  EXPECT_EQ(step.tables[0].gradients.data(), place);
  EXPECT_EQ(step.tables[0].gradients[0], 2);
  EXPECT_EQ(step.dense[0], 0.5F);
}

TEST(SliceAggregator, AStepWithoutExamplesAppliesNothing) {
  SliceAggregator aggregator(2);
  ASSERT_TRUE(Add(&aggregator, 0, 0, 0, {}).ok());
  ASSERT_TRUE(Add(&aggregator, 0, 1, 0, {{kTable, {5}, {8}}}).ok());
  const StepGradients step = aggregator.Merge();
  EXPECT_EQ(step.examples, 0U);
  EXPECT_TRUE(step.tables.empty());
  EXPECT_EQ(aggregator.current(), Step{1});
}

TEST(SliceAggregator, RefusesWhatDoesNotBelong) {
  SliceAggregator aggregator(2, Step{5});
  ASSERT_TRUE(Add(&aggregator, 5, 1, 1, {}, {1, 2}).ok());
  EXPECT_EQ(Add(&aggregator, 5, 1, 1, {}).message(), "slice 1 of step 5 came twice (worker 0)");
  EXPECT_EQ(Add(&aggregator, 6, 0, 1, {}).message(),
            "push of step 6 while step 5 is collected (worker 0)");
  EXPECT_EQ(Add(&aggregator, 5, 2, 1, {}).message(), "push of slice 2 of 2 (worker 0)");
  EXPECT_EQ(Add(&aggregator, 5, 0, 1, {}, {1}).code(), Code::kCorrupt);
  EXPECT_EQ(aggregator.missing(), 1U);
  aggregator.Reset(Step{9});
  EXPECT_EQ(aggregator.missing(), 2U);
  EXPECT_TRUE(Add(&aggregator, 9, 1, 1, {}).ok());
}

}  // namespace
}  // namespace rookery
