#include "ps/gradient_noise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "ps/slice_aggregator.h"
#include "tests/ps/testing/keys.h"
#include "tests/ps/testing/pushes.h"

namespace rookery {
namespace {

constexpr TableId kTable{3};
constexpr Step kStep{7};

PrivacySpec Spec() {
  PrivacySpec spec;
  spec.clip_norm = 0.5;
  spec.noise_multiplier = 4;
  spec.noise_seed = 99;
  spec.lot = 8;
  return spec;
}

std::vector<float> OfRows(const PrivacySpec& spec, Step step, TableId table,
                          const std::vector<Key>& keys, std::size_t dim) {
  std::vector<float> sums(keys.size() * dim);
  GradientNoise(spec).AddToRows(step, table, keys, sums);
  return sums;
}

std::vector<float> OfDense(Step step, std::uint64_t begin, std::size_t size) {
  std::vector<float> sums(size);
  GradientNoise(Spec()).AddToDense(step, begin, sums);
  return sums;
}

// Deviation 2.
void ExpectNormal(const std::vector<float>& noise) {
  double sum = 0, squares = 0, fourths = 0, neighbours = 0;
  for (std::size_t i = 0; i < noise.size(); ++i) {
    const double x = noise[i] / 2.0;
    sum += x;
    squares += x * x;
    fourths += x * x * x * x;
    if (i > 0) neighbours += x * noise[i - 1] / 2.0;
  }
  const auto n = static_cast<double>(noise.size());
  const double deviation = 1 / std::sqrt(n);  // of the mean; five of it are allowed
  EXPECT_NEAR(sum / n, 0, 5 * deviation);
  EXPECT_NEAR(squares / n, 1, 5 * std::sqrt(2) * deviation);
  EXPECT_NEAR(fourths / n, 3, 5 * std::sqrt(96) * deviation);
  EXPECT_NEAR(neighbours / n, 0, 5 * deviation);
}

TEST(GradientNoise, HasTheDeviationThatWasAskedFor) {
  std::vector<Key> keys(20'000);
  std::iota(keys.begin(), keys.end(), Key{1});
  ExpectNormal(OfRows(Spec(), kStep, kTable, keys, 5));
  ExpectNormal(OfDense(kStep, 300, 100'000));
}

// The same row in many steps, one element.
TEST(GradientNoise, IsIndependentFromStepToStep) {
  std::vector<float> rows, dense;
  for (std::uint64_t step = 0; step < 20'000; ++step) {
    rows.push_back(OfRows(Spec(), Step{step}, kTable, {12}, 1)[0]);
    dense.push_back(OfDense(Step{step}, 12, 1)[0]);
  }
  ExpectNormal(rows);
  ExpectNormal(dense);
}

TEST(GradientNoise, IsNamedBySeedStepTableAndKey) {
  const std::vector<float> base = OfRows(Spec(), kStep, kTable, {12}, 4);
  EXPECT_EQ(OfRows(Spec(), kStep, kTable, {12}, 4), base);
  EXPECT_NE(OfRows(Spec(), Step{8}, kTable, {12}, 4), base);
  EXPECT_NE(OfRows(Spec(), kStep, TableId{4}, {12}, 4), base);
  EXPECT_NE(OfRows(Spec(), kStep, kTable, {13}, 4), base);
  PrivacySpec other = Spec();
  other.noise_seed = 100;
  EXPECT_NE(OfRows(other, kStep, kTable, {12}, 4), base);
  // Whatever other keys are with it.
  std::vector<Key> many(200);
  std::iota(many.begin(), many.end(), Key{0});
  const std::vector<float> all = OfRows(Spec(), kStep, kTable, many, 4);
  EXPECT_EQ(std::vector<float>(all.begin() + 48, all.begin() + 52), base);
}

TEST(GradientNoise, OfDenseParametersDoesNotDependOnTheCut) {
  const std::vector<float> whole = OfDense(kStep, 0, 5000);
  for (const std::uint64_t begin : {1U, 1023U, 1024U, 1500U, 4999U}) {
    const std::vector<float> rest = OfDense(kStep, begin, 5000 - begin);
    EXPECT_TRUE(std::equal(rest.begin(), rest.end(), whole.begin() + std::ptrdiff_t(begin)));
  }
  EXPECT_NE(OfDense(Step{8}, 0, 5000), whole);
}

TEST(GradientNoise, WithoutDeviationAddsNothing) {
  PrivacySpec clips = Spec();
  clips.noise_multiplier = 0;
  EXPECT_TRUE(GradientNoise(clips).on());
  EXPECT_EQ(OfRows(clips, kStep, kTable, {1, 2}, 1), (std::vector<float>{0, 0}));
  EXPECT_FALSE(GradientNoise(PrivacySpec{}).on());
}

// Once for the sum of all slices, in rows and in the segment; then divided by the lot, not by the
// number of examples.
TEST(GradientNoise, IsAddedOnceToTheSumOfAStep) {
  const std::vector<Key> keys = testing::Ordered({1, 2});
  const std::vector<float> rows = OfRows(Spec(), kStep, kTable, keys, 2);
  const std::vector<float> dense = OfDense(kStep, 40, 2);
  for (const std::uint32_t slices : {1U, 2U}) {
    SliceAggregator aggregator(slices, kStep, GradientNoise(Spec()), 40);
    for (std::uint32_t slice = 0; slice < slices; ++slice) {
      testing::OwnedPush push =
          testing::MakePush({.step = Raw(kStep), .slice = slice, .examples = 3},
                            {{kTable, keys, {8, 0, 0, 16}}}, {24, 0});
      ASSERT_TRUE(aggregator.Add(std::move(push.body), std::move(push.push)).ok());
    }
    const auto n = static_cast<float>(slices);
    const StepGradients step = aggregator.Merge();
    ASSERT_EQ(step.tables.size(), 1U);
    const std::span<const float> got = step.tables[0].gradients;
    EXPECT_EQ(got[0], (8 * n + rows[0]) / 8);
    EXPECT_EQ(got[1], rows[1] / 8);
    EXPECT_EQ(got[2], rows[2] / 8);
    EXPECT_EQ(got[3], (16 * n + rows[3]) / 8);
    EXPECT_EQ(step.dense[0], (24 * n + dense[0]) / 8);
    EXPECT_EQ(step.dense[1], dense[1] / 8);
  }
}

}  // namespace
}  // namespace rookery
