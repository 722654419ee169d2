#include "models/losses/loss.h"

#include <cmath>

#include "tests/models/testing/gradient_check.h"

namespace rookery {
namespace {

using Floats = std::vector<float>;

double LossOf(Loss loss, float y, float label, float weight = 1) {
  float gradient = 0;
  return LossAndGradient(loss, 1, &y, &label, &weight, &gradient);
}

TEST(Loss, ByHand) {
  EXPECT_NEAR(LossOf(Loss::kBce, 0, 1), std::log(2), 1e-12);
  EXPECT_NEAR(LossOf(Loss::kBce, 2, 0, 3), 3 * std::log(1 + std::exp(2.0)), 1e-9);
  EXPECT_NEAR(LossOf(Loss::kSquared, 3, 1, 2), 8, 1e-12);
  EXPECT_NEAR(LossOf(Loss::kSmoothL1, 1.5F, 1), 0.125, 1e-12);
  EXPECT_NEAR(LossOf(Loss::kSmoothL1, 4, 1), 2.5, 1e-12);
  EXPECT_NEAR(LossOf(Loss::kSmoothL1, -4, 1), 4.5, 1e-12);
}

TEST(Loss, BceIsFiniteForAnyLogit) {
  EXPECT_NEAR(LossOf(Loss::kBce, -1000, 1), 1000, 1e-9);
  EXPECT_NEAR(LossOf(Loss::kBce, 1000, 1), 0, 1e-9);
  const Floats logits = {-1000, 0, 1000};
  Floats scores(3);
  ScoresOf(Loss::kBce, 3, logits.data(), scores.data());
  EXPECT_EQ(scores, (Floats{0, 0.5, 1}));
}

TEST(Loss, StartOfOutputScoresTheMean) {
  for (const float mean : {0.03F, 0.5F, 0.97F}) {
    const float start = StartOfOutput(Loss::kBce, mean);
    float score = 0;
    ScoresOf(Loss::kBce, 1, &start, &score);
    EXPECT_NEAR(score, mean, 1e-6);
  }
  EXPECT_NEAR(StartOfOutput(Loss::kBce, 0), std::log(1e-4 / (1 - 1e-4)), 1e-3);
  EXPECT_EQ(StartOfOutput(Loss::kSquared, 3.5F), 3.5F);
}

class LossGradient : public testing::TestWithParam<Loss> {};

TEST_P(LossGradient, MatchesDifferences) {
  Random random(9, Purpose::kTest);
  Floats y = RandomFloats(random, 20, -3, 3);
  Floats labels = RandomFloats(random, 20, 0, 1);
  const Floats weights = RandomFloats(random, 20, 0.5F, 2);
  if (IsBinary(GetParam())) {
    for (float& label : labels) label = std::round(label);
  }
  Floats gradient(20), unused(20);
  (void)LossAndGradient(GetParam(), 20, y.data(), labels.data(), weights.data(), gradient.data());
  ExpectGradient("y", y, gradient, [&] {
    return LossAndGradient(GetParam(), 20, y.data(), labels.data(), weights.data(), unused.data());
  });
}
INSTANTIATE_TEST_SUITE_P(All, LossGradient,
                         testing::Values(Loss::kBce, Loss::kSquared, Loss::kSmoothL1, Loss::kFocal,
                                         Loss::kHinge));

TEST(Loss, NamesAreListed) {
  EXPECT_EQ(*ParseLoss("smooth_l1"), Loss::kSmoothL1);
  EXPECT_EQ(ParseLoss("rank").status().message(),
            "unknown loss 'rank'; known: bce, squared, smooth_l1, focal, hinge");
}

}  // namespace
}  // namespace rookery
