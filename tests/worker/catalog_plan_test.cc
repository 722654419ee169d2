// The plan of a step whose model tells items from the whole catalog.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "common/hash.h"
#include "worker/step_plan.h"

namespace rookery {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Key kLargest = std::numeric_limits<Key>::max();

TEST(CatalogPlan, IsOfTheKeysOfTraining) {
  std::vector<ModelTable> tables = {{.name = "default", .dim = 4, .features = {}}};
  tables[0].sequences = {0, 1};
  tables[0].told_from_catalog = 1;
  const std::vector<Key> catalog = {0, 3, 7, kLargest};
  StepPlanner planner(&tables, {Combiner::kNone, Combiner::kNone}, 2, 16, {.catalog = catalog});
  Batch batch;
  batch.examples = 2;
  batch.features.resize(2);
  batch.features[0].keys = {7, 5, 0};
  batch.features[0].offsets = {0, 2, 3};
  batch.features[1].keys = {7, 5};
  batch.features[1].offsets = {0, 1, 2};
  StepPlan plan;
  for (int again = 0; again < 2; ++again) {
    planner.Plan(batch, true, &plan);
    const std::vector<Key>& keys = plan.tables[0].keys;
    ASSERT_EQ(keys.size(), 5U);
    EXPECT_TRUE(std::ranges::is_sorted(keys, {}, MixKey));
    ASSERT_EQ(plan.catalog.rows.size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(keys[plan.catalog.rows[i]], catalog[i]);
    EXPECT_THAT(plan.catalog.places, ElementsAre(2, CatalogRows::kNowhere));
    const OccurrenceIndex& index = plan.occurrences[0];
    const auto vectors_of = [&](Key key) {
      const auto row = static_cast<std::size_t>(std::ranges::find(keys, key) - keys.begin());
      std::vector<std::uint32_t> vectors;
      for (std::uint32_t i = index.offsets[row]; i < index.offsets[row + 1]; ++i) {
        vectors.push_back(index.entries[i].vector);
        EXPECT_EQ(index.entries[i].weight, 1.0F);
      }
      return vectors;
    };
    EXPECT_THAT(vectors_of(7), ElementsAre(0, 3, 5 + 2));
    EXPECT_THAT(vectors_of(5), ElementsAre(1, 4));
    EXPECT_THAT(vectors_of(kLargest), ElementsAre(5 + 3));
    EXPECT_TRUE(StepPlanner::OwnerOf(tables[0], batch, 4).has_value());
    EXPECT_FALSE(StepPlanner::OwnerOf(tables[0], batch, 5).has_value());
    planner.Plan(batch, false, &plan);
    EXPECT_EQ(plan.tables[0].keys.size(), 3U);
    EXPECT_THAT(plan.catalog.rows, IsEmpty());
  }
}

}  // namespace
}  // namespace rookery
