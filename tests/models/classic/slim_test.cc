#include "models/classic/slim.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/models/testing/sparse_rows_cases.h"

namespace rookery {
namespace {

// Where a weight is above 0 the loss is flat, where it is 0 it would rise.
TEST(Slim, MeetsTheConditionsOfTheMinimum) {
  constexpr std::size_t kItems = 40;
  constexpr double kL1 = 1.5, kL2 = 3;
  const SparseRows users = RandomRows(120, kItems, 8);
  ComputePool pool(2);
  const auto scorer = FitSlim(users, {.l1 = kL1, .l2 = kL2, .sweeps = 1000}, &pool);
  std::vector<std::vector<float>> weights;  // [i][j]: of item i in the score of j
  for (std::uint32_t i = 0; i < kItems; ++i) weights.push_back(Scores(*scorer, kItems, {i}));
  std::size_t positive = 0, zero = 0;
  for (std::size_t j = 0; j < kItems; ++j) {
    std::vector<double> rest(users.rows());  // x_j - X w_j, by user
    for (std::size_t u = 0; u < users.rows(); ++u) {
      for (const std::uint32_t i : users.Row(u)) rest[u] += (i == j) - double{weights[i][j]};
    }
    for (std::size_t i = 0; i < kItems; ++i) {
      if (i == j) {
        EXPECT_EQ(weights[i][j], 0);
        continue;
      }
      double slope = -kL2 * double{weights[i][j]};
      for (std::size_t u = 0; u < users.rows(); ++u) {
        if (std::ranges::binary_search(users.Row(u), i)) slope += rest[u];
      }
      ASSERT_GE(weights[i][j], 0);
      const bool used = weights[i][j] > 0;
      EXPECT_LT(slope, kL1 + 0.2) << i << " " << j;
      EXPECT_TRUE(!used || slope > kL1 - 0.2) << i << " " << j << " " << slope;
      ++(used ? positive : zero);
    }
  }
  EXPECT_GT(positive, 100U);
  EXPECT_GT(zero, 100U);
  ComputePool one(1);
  EXPECT_EQ(Scores(*FitSlim(users, {.l1 = kL1, .l2 = kL2, .sweeps = 1000}, &one), kItems, {1, 5}),
            Scores(*scorer, kItems, {1, 5}));
}

}  // namespace
}  // namespace rookery
