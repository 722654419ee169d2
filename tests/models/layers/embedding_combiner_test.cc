#include "models/layers/embedding_combiner.h"

#include <gtest/gtest.h>

#include <cmath>

#include "common/random.h"
#include "tests/models/testing/occurrence_index.h"

namespace rookery {
namespace {

using Floats = std::vector<float>;

// A feature that owns what CombinedFeature points to.
struct Owned {
  FeatureColumn column;
  std::vector<std::uint32_t> positions;
  Combiner combiner = Combiner::kSum;
};

std::vector<CombinedFeature> View(const std::vector<Owned>& owned) {
  std::vector<CombinedFeature> features;
  for (const Owned& feature : owned) {
    features.push_back({&feature.column, feature.combiner, feature.positions});
  }
  return features;
}

Owned List(Combiner combiner, std::vector<std::uint32_t> offsets,
           std::vector<std::uint32_t> positions, Floats weights = {}) {
  Owned feature;
  feature.combiner = combiner;
  feature.column.keys.resize(positions.size());
  feature.column.offsets = std::move(offsets);
  feature.column.weights = std::move(weights);
  feature.positions = std::move(positions);
  return feature;
}

Floats Forward(const std::vector<Owned>& owned, const Floats& rows, std::size_t dim,
               std::size_t examples) {
  Floats combined(examples * owned.size() * dim, NAN);
  CombineForward(View(owned), rows, dim, 0, examples, combined.data());
  return combined;
}

TEST(EmbeddingCombiner, ByHand) {
  const Floats rows = {1, 2, 10, 20, 100, 200};
  // Example 0: rows 0 and 1; example 1: empty; example 2: row 2 and a key without a row.
  const std::vector<std::uint32_t> offsets = {0, 2, 2, 4};
  const std::vector<std::uint32_t> positions = {0, 1, 2, kNoRow};
  EXPECT_EQ(Forward({List(Combiner::kSum, offsets, positions)}, rows, 2, 3),
            (Floats{11, 22, 0, 0, 100, 200}));
  EXPECT_EQ(Forward({List(Combiner::kMean, offsets, positions)}, rows, 2, 3),
            (Floats{5.5, 11, 0, 0, 50, 100}));
  EXPECT_EQ(Forward({List(Combiner::kMean, offsets, positions, {3, 1, 2, 2})}, rows, 2, 3),
            (Floats{3.25, 6.5, 0, 0, 50, 100}));
  EXPECT_EQ(Forward({List(Combiner::kSqrtN, offsets, positions, {3, 4, 2, 0})}, rows, 2, 3),
            (Floats{0.6F * 1 + 0.8F * 10, 0.6F * 2 + 0.8F * 20, 0, 0, 100, 200}));
  EXPECT_EQ(Forward({List(Combiner::kMean, {0, 1}, {0}, {0})}, rows, 2, 1), (Floats{0, 0}))
      << "weights that sum to 0";
}

TEST(EmbeddingCombiner, TwoFeaturesLieSideBySideAndRangesAgreeWithTheWhole) {
  const Floats rows = {1, 2, 3, 4};
  const std::vector<Owned> owned = {List(Combiner::kSum, {}, {0, 1, 2}),
                                    List(Combiner::kSum, {}, {3, kNoRow, 0})};
  EXPECT_EQ(Forward(owned, rows, 1, 3), (Floats{1, 4, 2, 0, 3, 1}));
  Floats tail(4, NAN);
  CombineForward(View(owned), rows, 1, 1, 3, tail.data());
  EXPECT_EQ(tail, (Floats{2, 0, 3, 1}));
}

TEST(EmbeddingCombiner, OccurrencesAreOrderedByFeatureExamplePlace) {
  const std::vector<Owned> owned = {List(Combiner::kMean, {0, 3, 4}, {1, 0, 1, 1}),
                                    List(Combiner::kSum, {}, {1, kNoRow})};
  const OccurrenceIndex index = BuildOccurrenceIndex(View(owned), 3, 2);
  EXPECT_EQ(index.offsets, (std::vector<std::uint32_t>{0, 1, 5, 5}));
  const auto is = [&](std::size_t i, std::uint32_t example, std::uint32_t feature, float weight) {
    EXPECT_EQ(index.entries[i].vector, example * 2 + feature) << i;
    EXPECT_FLOAT_EQ(index.entries[i].weight, weight) << i;
  };
  is(0, 0, 0, 1.0F / 3);
  is(1, 0, 0, 1.0F / 3);
  is(2, 0, 0, 1.0F / 3);
  is(3, 1, 0, 1);
  is(4, 0, 1, 1);
  // Rows 0 and 1; row 2 has no occurrence: zero.
  const Floats gradient = {3, 10, 6, 20};  // [2 examples, 2 features, dim 1]
  Floats row_gradients(3, NAN);
  CombineBackward(index, gradient.data(), 1, 0, 3, row_gradients.data());
  EXPECT_FLOAT_EQ(row_gradients[0], 1);
  EXPECT_FLOAT_EQ(row_gradients[1], 1 + 1 + 6 + 10);
  EXPECT_EQ(row_gradients[2], 0);
}

std::vector<Owned> Draw(Random& random, std::size_t examples, std::size_t unique_rows) {
  const auto position = [&] {
    return random.NextBelow(9) == 0 ? kNoRow
                                    : static_cast<std::uint32_t>(random.NextBelow(unique_rows));
  };
  std::vector<Owned> owned;
  for (const Combiner combiner : {Combiner::kSum, Combiner::kMean, Combiner::kSqrtN}) {
    for (const bool weighted : {false, true}) {
      Owned single, list = List(combiner, {0}, {});
      single.combiner = combiner;
      for (std::size_t e = 0; e < examples; ++e) {
        single.positions.push_back(position());
        if (weighted) single.column.weights.push_back(random.NextFloat() + 0.1F);
        for (std::uint64_t n = random.NextBelow(5); n > 0; --n) {
          list.positions.push_back(position());
          if (weighted) list.column.weights.push_back(random.NextFloat() + 0.1F);
        }
        list.column.offsets.push_back(static_cast<std::uint32_t>(list.positions.size()));
      }
      owned.push_back(std::move(single));
      owned.push_back(std::move(list));
    }
  }
  return owned;
}

// d(combined[e, f]) / d(row) by definition, in double.
double Coefficient(const Owned& feature, std::size_t example, std::size_t occurrence) {
  double norm = 0;
  for (std::size_t i = feature.column.Begin(example); i < feature.column.End(example); ++i) {
    const double w = feature.column.Weight(i);
    norm += feature.combiner == Combiner::kMean ? w : w * w;
  }
  const double w = feature.column.Weight(occurrence);
  if (feature.combiner == Combiner::kSum) return w;
  return feature.combiner == Combiner::kMean ? w / norm : w / std::sqrt(norm);
}

class CombinerDims : public testing::TestWithParam<std::size_t> {};

TEST_P(CombinerDims, AgreesWithAPlainLoop) {
  const std::size_t dim = GetParam(), examples = 70, unique_rows = 23;
  Random random(31, Purpose::kTest, dim);
  const std::vector<Owned> owned = Draw(random, examples, unique_rows);
  const std::size_t features = owned.size();
  Floats rows(unique_rows * dim), gradient(examples * features * dim);
  for (float& v : rows) v = random.NextFloat() - 0.5F;
  for (float& v : gradient) v = random.NextFloat() - 0.5F;
  std::vector<double> combined(gradient.size()), row_gradients(rows.size());
  for (std::size_t e = 0; e < examples; ++e) {
    for (std::size_t f = 0; f < features; ++f) {
      for (std::size_t i = owned[f].column.Begin(e); i < owned[f].column.End(e); ++i) {
        if (owned[f].positions[i] == kNoRow) continue;
        const double c = Coefficient(owned[f], e, i);
        for (std::size_t d = 0; d < dim; ++d) {
          const std::size_t at = (e * features + f) * dim + d;
          combined[at] += c * rows[owned[f].positions[i] * dim + d];
          row_gradients[owned[f].positions[i] * dim + d] += c * gradient[at];
        }
      }
    }
  }
  const Floats got = Forward(owned, rows, dim, examples);
  for (std::size_t i = 0; i < got.size(); ++i) ASSERT_NEAR(got[i], combined[i], 1e-5) << i;
  const OccurrenceIndex index = BuildOccurrenceIndex(View(owned), unique_rows, examples);
  Floats got_rows(rows.size(), NAN);
  CombineBackward(index, gradient.data(), dim, 0, 11, got_rows.data());
  CombineBackward(index, gradient.data(), dim, 11, unique_rows, got_rows.data());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    ASSERT_NEAR(got_rows[i], row_gradients[i], 2e-4) << i << ", seed 31";
  }
}
INSTANTIATE_TEST_SUITE_P(All, CombinerDims, testing::Values(1, 3, 7, 8, 9, 16, 17, 33, 65, 100));

TEST(EmbeddingCombiner, NothingToDo) {
  const std::vector<Owned> owned = {List(Combiner::kSum, {}, {})};
  const OccurrenceIndex index = BuildOccurrenceIndex(View(owned), 0, 0);
  EXPECT_EQ(index.offsets, std::vector<std::uint32_t>{0});
  CombineBackward(index, nullptr, 17, 0, 0, nullptr);
  CombineForward(View(owned), {}, 17, 0, 0, nullptr);
}

}  // namespace
}  // namespace rookery
