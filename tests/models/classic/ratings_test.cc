#include "models/classic/ratings.h"

#include <gtest/gtest.h>

#include <cmath>

namespace rookery {
namespace {

constexpr auto kNobody = std::nullopt;

// Users rate items: 0: {0: 5, 1: 3}, 1: {0: 4, 2: 1}, 2: {0: 4, 1: 2, 2: 2}. The mean is 3.
SparseRows Small() {
  SparseRows rows;
  rows.columns = 3;
  rows.AddRow(std::vector<std::uint32_t>{0, 1}, std::vector<float>{5, 3});
  rows.AddRow(std::vector<std::uint32_t>{0, 2}, std::vector<float>{4, 1});
  rows.AddRow(std::vector<std::uint32_t>{0, 1, 2}, std::vector<float>{4, 2, 2});
  return rows;
}

TEST(Ratings, TheMeanIsTheSameForAll) {
  const auto mean = FitMean(Small());
  EXPECT_FLOAT_EQ(mean->Predict(1, 1), 3);
  EXPECT_FLOAT_EQ(mean->Predict(kNobody, kNobody), 3);
}

// One round: b_i = {4 / 4, -1 / 3, -3 / 3}; then b_0 = (5 - 4 + 3 - 8/3) / 4 = 1/3.
TEST(Ratings, BiasesAreShrunk) {
  const auto bias = FitBias(Small(), {.l2_user = 2, .l2_item = 1, .iterations = 1});
  EXPECT_FLOAT_EQ(bias->Predict(kNobody, 0), 4);
  EXPECT_FLOAT_EQ(bias->Predict(kNobody, 1), 3 - 1.0F / 3);
  EXPECT_FLOAT_EQ(bias->Predict(0, kNobody), 3 + 1.0F / 3);
  EXPECT_FLOAT_EQ(bias->Predict(0, 2), 3 + 1.0F / 3 - 1);
}

// Without biases the residuals are r - 3: items (2, 1, 1), (0, ., -1), (., -2, -1).
TEST(Ratings, NeighboursOfItemsAreWeighedBySimilarity) {
  ComputePool pool(2);
  RatingKnnOptions options;
  options.bias.iterations = 0;
  options.shrinkage = 1;
  // Item 2 shares users 1 and 2 with item 0: (-2 - 1) / ... < 0; with item 1 user 2 alone, too few.
  EXPECT_FLOAT_EQ(FitRatingKnn(Small(), options, &pool)->Predict(0, 2), 3);
  // Users: 0 and 2 share items 0 and 1: (2 - 0) / sqrt(4 * 2) * 1/2 > 0, and user 2 gave item 2 a
  // residual of -1; users 0 and 1 share one item.
  options.of_users = true;
  EXPECT_FLOAT_EQ(FitRatingKnn(Small(), options, &pool)->Predict(0, 2), 2);
  EXPECT_FLOAT_EQ(FitRatingKnn(Small(), options, &pool)->Predict(0, kNobody), 3);
}

// Three users: 0 gave items 0, 1, 2 the ratings 5, 3, 1; 1 gave 4, 5, 3; 2 gave items 0 and 1 2
// and 4. Their means are 3, 4, 3; all ratings have the mean 27 / 8. Predicted: item 2 for user 2.
TEST(Ratings, CosineAndAdjustedCosineByHand) {
  SparseRows rows;
  rows.columns = 3;
  rows.AddRow(std::vector<std::uint32_t>{0, 1, 2}, std::vector<float>{5, 3, 1});
  rows.AddRow(std::vector<std::uint32_t>{0, 1, 2}, std::vector<float>{4, 5, 3});
  rows.AddRow(std::vector<std::uint32_t>{0, 1}, std::vector<float>{2, 4});
  RatingKnnOptions options;
  options.bias.iterations = 0;
  options.shrinkage = 1;
  options.similarity = RatingSimilarity::kCosine;
  ComputePool pool(1);
  const double mean = 27.0 / 8;
  // Items 2 and 0: 1 * 5 + 3 * 4 = 17 over users 0 and 1; items 2 and 1: 1 * 3 + 3 * 5 = 18. Both
  // are shrunk by (2 - 1) / (2 - 1 + 1), which leaves the weighed mean of 2 and 4 as it is.
  const double to_0 = 17 / std::sqrt(10.0 * 41), to_1 = 18 / std::sqrt(10.0 * 34);
  EXPECT_NEAR(FitRatingKnn(rows, options, &pool)->Predict(2, 2),
              mean + (to_0 * (2 - mean) + to_1 * (4 - mean)) / (to_0 + to_1), 1e-5);
  // Less the users' means items are (2, 0, -1), (0, 1, 1), (-2, -1, .): item 2 with 0:
  // -2 * 2 - 1 * 0 < 0; with 1: -2 * 0 - 1 * 1 < 0. Nobody is like item 2.
  options.similarity = RatingSimilarity::kAdjustedCosine;
  EXPECT_NEAR(FitRatingKnn(rows, options, &pool)->Predict(2, 2), mean, 1e-6);
  // Users 2 and 1 over items 0 and 1: (-1, 1) and (0, 1), alike; users 2 and 0: (-1, 1) and (2, 0),
  // not. So user 2 gets what user 1 gave item 2.
  options.of_users = true;
  EXPECT_NEAR(FitRatingKnn(rows, options, &pool)->Predict(2, 2), 3, 1e-5);
  // Raw ratings: (2, 4) with (5, 3) and with (4, 5); user 0 gave item 2 a 1.
  options.similarity = RatingSimilarity::kCosine;
  const double of_0 = 22 / std::sqrt(20.0 * 34), of_1 = 28 / std::sqrt(20.0 * 41);
  EXPECT_NEAR(FitRatingKnn(rows, options, &pool)->Predict(2, 2), (of_0 + 3 * of_1) / (of_0 + of_1),
              1e-5);
}

// Three items of two users each with the wanted one: by hand, the mean of two weighed residuals.
TEST(Ratings, OnlyTheNearestCount) {
  SparseRows rows;  // the last user rated 1 and 2, not 0; the residuals are r: the mean is 0
  rows.columns = 3;
  rows.AddRow(std::vector<std::uint32_t>{0, 1, 2}, std::vector<float>{1, 1, 1});
  rows.AddRow(std::vector<std::uint32_t>{0, 1, 2}, std::vector<float>{-2, -2, -1});
  rows.AddRow(std::vector<std::uint32_t>{1, 2}, std::vector<float>{3, -1});
  RatingKnnOptions options;
  options.bias.iterations = 0;
  options.shrinkage = 0;
  ComputePool pool(1);
  const double one = 1, two = 3 / std::sqrt(10.0);
  const auto both = FitRatingKnn(rows, options, &pool);
  EXPECT_NEAR(both->Predict(2, 0), (3 * one - two) / (one + two), 1e-6);
  options.neighbours = 1;
  EXPECT_NEAR(FitRatingKnn(rows, options, &pool)->Predict(2, 0), 3, 1e-6);
}

}  // namespace
}  // namespace rookery
