#include "models/losses/item_loss.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/models/testing/gradient_check.h"

namespace rookery {
namespace {

using ::testing::HasSubstr;

double LossOf(ItemLoss loss, std::vector<float> scores) {
  return ItemLossAndGradient(loss, scores.size() - 1, scores.data());
}

// Item 1, negatives 0 and 2.
TEST(ItemLoss, IsItsFormula) {
  const double p = 1 / (1 + std::exp(-1.0)), p2 = 1 / (1 + std::exp(-2.0));
  EXPECT_NEAR(LossOf(ItemLoss::kBce, {1, 0, 2}),
              -std::log(p) - 0.5 * (std::log(0.5) + std::log(1 - p2)), 1e-12);
  EXPECT_NEAR(LossOf(ItemLoss::kBpr, {1, 0, 2}), -0.5 * (std::log(p) + std::log(1 - p)), 1e-12);
  EXPECT_NEAR(LossOf(ItemLoss::kSoftmax, {1, 0, 2}),
              -std::log(std::exp(1.0) / (std::exp(1.0) + 1 + std::exp(2.0))), 1e-12);
}

TEST(ItemLoss, GradientsMatchDifferences) {
  for (const ItemLoss loss : {ItemLoss::kBce, ItemLoss::kBpr, ItemLoss::kSoftmax}) {
    std::vector<float> scores = {0.3F, -1.2F, 0.9F, 2.1F};
    std::vector<float> gradient = scores;
    (void)ItemLossAndGradient(loss, 3, gradient.data());
    ExpectGradient("scores", scores, gradient, [&] { return LossOf(loss, scores); },
                   {.step = 1e-2F, .tolerance = 1e-3});
  }
}

TEST(ItemLoss, IsFiniteForAnyScores) {
  for (const ItemLoss loss : {ItemLoss::kBce, ItemLoss::kBpr, ItemLoss::kSoftmax}) {
    EXPECT_NEAR(LossOf(loss, {-200, 200}), 400, 1e-6);
    EXPECT_NEAR(LossOf(loss, {200, -200}), 0, 1e-6);
  }
}

TEST(ItemLoss, NamesAreListedOnAMiss) {
  EXPECT_THAT(ParseItemLoss("hinge").status().message(),
              HasSubstr("known: bce, bpr, softmax, full_softmax"));
}

}  // namespace
}  // namespace rookery
