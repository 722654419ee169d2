#include "worker/step_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>

#include "common/hash.h"
#include "common/random.h"
#include "tests/models/testing/occurrence_index.h"

namespace rookery {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Key kLargest = std::numeric_limits<Key>::max();

ModelTable TableOf(std::uint32_t dim, std::vector<std::uint32_t> features) {
  ModelTable table;
  table.dim = dim;
  table.features = std::move(features);
  return table;
}

// By std::map: MixKey -> key, so in the order that servers want.
std::map<std::uint64_t, Key> Unique(const Batch& batch, const ModelTable& table) {
  std::map<std::uint64_t, Key> unique;
  for (std::uint32_t feature : table.features) {
    for (Key key : batch.features[feature].keys) unique[MixKey(key)] = key;
  }
  return unique;
}

void ExpectPlanned(const Batch& batch, const std::vector<ModelTable>& tables, const StepPlan& plan,
                   std::uint32_t servers, std::uint32_t buckets) {
  ASSERT_EQ(plan.tables.size(), tables.size());
  for (std::size_t t = 0; t < tables.size(); ++t) {
    const TablePlan& table = plan.tables[t];
    EXPECT_EQ(Raw(table.table), t);
    EXPECT_EQ(table.dim, tables[t].dim);
    std::vector<Key> expected;
    for (const auto& [mixed, key] : Unique(batch, tables[t])) expected.push_back(key);
    ASSERT_EQ(table.keys, expected);
    for (std::size_t i = 0; i < tables[t].features.size(); ++i) {
      const std::vector<Key>& keys = batch.features[tables[t].features[i]].keys;
      ASSERT_EQ(plan.positions[t][i].size(), keys.size());
      for (std::size_t k = 0; k < keys.size(); ++k) {
        ASSERT_EQ(table.keys[plan.positions[t][i][k]], keys[k]);
      }
    }
    ASSERT_EQ(table.server_begin.size(), servers + 1);
    for (std::uint32_t s = 0; s < servers; ++s) {
      for (std::uint32_t k = table.server_begin[s]; k < table.server_begin[s + 1]; ++k) {
        ASSERT_EQ(ServerOfBucket(Raw(BucketOf(table.keys[k], buckets)), servers, buckets), s);
      }
    }
    EXPECT_EQ(table.server_begin.back(), table.keys.size());
  }
}

void ExpectSame(const OccurrenceIndex& index, const OccurrenceIndex& expected) {
  ASSERT_EQ(index.offsets, expected.offsets);
  ASSERT_EQ(index.entries.size(), expected.entries.size());
  for (std::size_t i = 0; i < index.entries.size(); ++i) {
    ASSERT_EQ(index.entries[i].vector, expected.entries[i].vector) << i;
    ASSERT_EQ(index.entries[i].weight, expected.entries[i].weight) << i;
  }
}

// x with y ^ y >> shift == x.
std::uint64_t Unshift(std::uint64_t y, int shift) {
  std::uint64_t x = y;
  for (int known = shift; known < 64; known += shift) x = y ^ (x >> shift);
  return x;
}

// The inverse of an odd number modulo 2^64, by Newton's steps.
std::uint64_t Inverse(std::uint64_t odd) {
  std::uint64_t inverse = odd;
  for (int step = 0; step < 6; ++step) inverse *= 2 - odd * inverse;
  return inverse;
}

// The key with MixKey(key) == mixed.
Key Unmix(std::uint64_t mixed) {
  mixed = Unshift(mixed, 31) * Inverse(0x94d049bb133111ebU);
  mixed = Unshift(mixed, 27) * Inverse(0xbf58476d1ce4e5b9U);
  return Unshift(mixed, 30);
}

TEST(StepPlanner, ByHand) {
  const std::vector<ModelTable> tables = {TableOf(4, {0, 1})};
  StepPlanner planner(&tables, {Combiner::kSum, Combiner::kMean}, 1, 16);
  Batch batch;
  batch.examples = 2;
  batch.features.resize(2);
  batch.features[0].keys = {7, 0};
  batch.features[1].keys = {0, 0, kLargest, 7};  // a list: [0, 0, ~0] and [7]
  batch.features[1].offsets = {0, 3, 4};
  StepPlan plan;
  planner.Plan(batch, true, &plan);
  ASSERT_EQ(plan.tables[0].keys.size(), 3U);
  EXPECT_EQ(plan.tables[0].keys[0], 0U);  // MixKey(0) = 0
  ExpectPlanned(batch, tables, plan, 1, 16);

  EXPECT_THAT(plan.tables[0].counts, IsEmpty());
  StepPlanner counting(&tables, {Combiner::kSum, Combiner::kMean}, 1, 16, {.counts = true});
  StepPlan counted;
  counting.Plan(batch, true, &counted);
  EXPECT_EQ(counted.tables[0].keys, plan.tables[0].keys);
  for (std::size_t row = 0; row < 3; ++row) {  // 0 three times, 7 twice, the largest once
    const Key key = counted.tables[0].keys[row];
    EXPECT_EQ(counted.tables[0].counts[row], key == 0 ? 3U : key == 7 ? 2U : 1U);
  }

  // Row 0 (key 0): example 1 of feature 0, then twice example 0 of feature 1 with weight 1/3.
  const OccurrenceIndex& index = plan.occurrences[0];
  ASSERT_EQ(index.offsets.size(), 4U);
  ASSERT_EQ(index.offsets[1], 3U);
  EXPECT_EQ(index.entries[0].vector, 1U * 2 + 0);
  EXPECT_EQ(index.entries[0].weight, 1.0F);
  EXPECT_EQ(index.entries[1].vector, 0U * 2 + 1);
  EXPECT_FLOAT_EQ(index.entries[1].weight, 1.0F / 3);
}

// Vectors: 2 examples x 1 feature, then the 3 occurrences of the sequence.
TEST(StepPlanner, OccurrencesOfASequenceAreVectorsOfTheirOwn) {
  std::vector<ModelTable> tables = {TableOf(4, {0})};
  tables[0].sequences = {1};
  StepPlanner planner(&tables, {Combiner::kSum, Combiner::kNone}, 1, 16);
  Batch batch;
  batch.examples = 2;
  batch.features.resize(2);
  batch.features[0].keys = {7, 0};
  batch.features[1].keys = {0, 7, 0};  // [] and [0, 7, 0]
  batch.features[1].offsets = {0, 0, 3};
  StepPlan plan;
  planner.Plan(batch, true, &plan);
  ASSERT_EQ(plan.tables[0].keys, (std::vector<Key>{0, 7}));  // MixKey(0) = 0
  EXPECT_EQ(plan.positions[0][1], (std::vector<std::uint32_t>{0, 1, 0}));
  const OccurrenceIndex& index = plan.occurrences[0];
  ASSERT_EQ(index.offsets, (std::vector<std::uint32_t>{0, 3, 5}));
  std::vector<std::uint32_t> vectors;
  for (const OccurrenceIndex::Entry& entry : index.entries) {
    vectors.push_back(entry.vector);
    EXPECT_EQ(entry.weight, 1.0F);
  }
  EXPECT_EQ(vectors, (std::vector<std::uint32_t>{1, 2, 4, 0, 3}));
  const auto owner = [&](std::uint32_t vector) {
    const auto of = StepPlanner::OwnerOf(tables[0], batch, vector);
    return of ? std::pair(of->input, of->example) : std::pair(99U, 99U);
  };
  EXPECT_EQ(owner(1), std::pair(0U, 1U));
  EXPECT_EQ(owner(2), std::pair(1U, 1U));
  EXPECT_EQ(owner(4), std::pair(1U, 1U));
}

// Vectors: the 3 + 2 occurrences of the sequences, then the 4 items of the catalog. 7 is in both
// sequences, 5 in the first alone and not in the catalog.
TEST(StepPlanner, NoExamplesNoKeys) {
  const std::vector<ModelTable> tables = {TableOf(4, {0})};
  StepPlanner planner(&tables, {Combiner::kSum}, 3, 16);
  Batch batch;
  batch.features.resize(1);
  StepPlan plan;
  planner.Plan(batch, true, &plan);
  EXPECT_THAT(plan.tables[0].keys, IsEmpty());
  EXPECT_THAT(plan.tables[0].server_begin, ElementsAre(0, 0, 0, 0));
  batch.examples = 2;  // lists without values
  batch.features[0].offsets = {0, 0, 0};
  planner.Plan(batch, true, &plan);
  EXPECT_THAT(plan.tables[0].keys, IsEmpty());
}

TEST(StepPlanner, OneOccurrenceIsTheSameForEveryServerCount) {
  const std::vector<ModelTable> tables = {TableOf(1, {0})};
  for (std::uint32_t servers : {1U, 2U, 5U, 16U}) {
    StepPlanner planner(&tables, {Combiner::kSum}, servers, 16);
    Batch batch;
    batch.examples = 1;
    batch.features.resize(1);
    batch.features[0].keys = {kLargest};
    StepPlan plan;
    planner.Plan(batch, false, &plan);
    ExpectPlanned(batch, tables, plan, servers, 16);
  }
}

// Keys whose mixed bits agree but for the last ones, or but for a few in the middle: what a sort by
// the first bits leaves mixed up.
TEST(StepPlanner, KeysThatDifferInTheirLastBitsOnly) {
  const std::vector<ModelTable> tables = {TableOf(2, {0, 1})};
  const std::vector<Combiner> combiners(2, Combiner::kSum);
  for (const int shift : {0, 7, 13, 30, 44, 60}) {
    SCOPED_TRACE(StrCat("shift ", shift));
    StepPlanner planner(&tables, combiners, 2, 16);
    Random random(9, Purpose::kTest, static_cast<std::uint64_t>(shift));
    Batch batch;
    batch.examples = 3000;
    batch.features.resize(2);
    for (FeatureColumn& column : batch.features) {
      for (std::size_t i = 0; i < batch.examples; ++i) {
        const std::uint64_t mixed = 0x5a5a000000000123U ^ (random.NextBelow(9) << shift);
        column.keys.push_back(Unmix(mixed));
        ASSERT_EQ(MixKey(column.keys.back()), mixed);
      }
    }
    StepPlan plan;
    planner.Plan(batch, true, &plan);
    ExpectPlanned(batch, tables, plan, 2, 16);
    EXPECT_EQ(plan.tables[0].keys.size(), 9U);
    const auto features = StepPlanner::Combined(tables[0], combiners, batch, plan, 0);
    ExpectSame(plan.occurrences[0], BuildOccurrenceIndex(features, 9, batch.examples));
  }
}

// Random batches of growing and shrinking size through one planner and one plan.
TEST(StepPlanner, AgreesWithAMapWhateverCameBefore) {
  const std::vector<ModelTable> tables = {TableOf(2, {0, 2}), TableOf(8, {1}), TableOf(1, {0, 1})};
  const std::vector<Combiner> combiners(3, Combiner::kSqrtN);
  StepPlanner planner(&tables, combiners, 3, 64);
  StepPlan plan;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    Random random(seed, Purpose::kTest);
    Batch batch;
    batch.examples = random.NextBelow(seed % 7 == 0 ? 2000 : 50);
    batch.features.resize(3);
    const std::uint64_t range = 1 + random.NextBelow(3000);
    const auto draw = [&] {
      const std::uint64_t kind = random.NextBelow(20);
      return kind == 0 ? 0 : kind == 1 ? kLargest : random.NextBelow(range);
    };
    for (std::size_t feature = 0; feature < 2; ++feature) {
      for (std::size_t i = 0; i < batch.examples; ++i) {
        batch.features[feature].keys.push_back(draw());
      }
    }
    batch.features[2].offsets = {0};
    for (std::size_t i = 0; i < batch.examples; ++i) {
      for (std::uint64_t n = random.NextBelow(5); n > 0; --n) {
        batch.features[2].keys.push_back(draw());
      }
      batch.features[2].offsets.push_back(
          static_cast<std::uint32_t>(batch.features[2].keys.size()));
    }
    const bool training = random.NextBelow(2) == 0;
    planner.Plan(batch, training, &plan);
    ExpectPlanned(batch, tables, plan, 3, 64);
    if (!training) continue;
    for (std::size_t t = 0; t < tables.size(); ++t) {
      const auto features = StepPlanner::Combined(tables[t], combiners, batch, plan, t);
      ExpectSame(plan.occurrences[t],
                 BuildOccurrenceIndex(features, plan.tables[t].keys.size(), batch.examples));
    }
  }
}

}  // namespace
}  // namespace rookery
