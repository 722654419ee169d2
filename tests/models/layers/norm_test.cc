#include "models/layers/norm.h"

#include <cmath>

#include "tests/models/testing/gradient_check.h"

namespace rookery {
namespace {

using Floats = std::vector<float>;

class NormGradient : public testing::TestWithParam<NormKind> {};

TEST_P(NormGradient, MatchesDifferences) {
  const std::size_t examples = 6, width = 18;
  Random random(3, Purpose::kTest);
  DenseLayout layout;
  const auto norm = MakeNorm(GetParam(), "n", width, layout);
  Floats dense = RandomFloats(random, layout.size(), 0.5F, 1.5F);
  Floats x = RandomFloats(random, examples * width, -2, 2);
  const Floats dy = RandomFloats(random, x.size());
  Norm::State state;
  Floats y;
  const auto loss = [&] {
    y = x;
    norm->Forward(examples, dense.data(), state, y.data());
    return WeightedSum(dy, y.data());
  };
  (void)loss();
  Floats dx = dy, gradient(dense.size(), NAN);
  norm->Backward(examples, dense.data(), state, dx.data(), gradient.data());
  ExpectGradient("x", x, dx, loss);
  for (const DenseBlockSpec& block : layout.blocks()) {
    if (block.statistic_rate != 0) continue;
    ExpectGradient(block.name, std::span(dense).subspan(block.offset, block.size()),
                   std::span(gradient).subspan(block.offset, block.size()), loss);
  }
}
INSTANTIATE_TEST_SUITE_P(All, NormGradient, testing::Values(NormKind::kLayer, NormKind::kBatch));

TEST(LayerNorm, ByHandAndInferIsForward) {
  DenseLayout layout;
  const auto norm = MakeNorm(NormKind::kLayer, "n", 2, layout);
  const Floats dense = {10, 20, 1, 2};  // gain, shift
  Floats y = {1, 3}, inferred = y;
  Norm::State state;
  norm->Forward(1, dense.data(), state, y.data());
  EXPECT_NEAR(y[0], -10 + 1, 1e-3);  // mean 2, variance 1
  EXPECT_NEAR(y[1], 20 + 2, 1e-3);
  norm->Infer(1, dense.data(), inferred.data());
  EXPECT_EQ(inferred, y);
}

TEST(BatchNorm, StatisticsMoveToTheAverageOfTheParts) {
  DenseLayout layout;
  const auto norm = MakeNorm(NormKind::kBatch, "n", 1, layout);
  ASSERT_EQ(layout.blocks().size(), 4U);
  EXPECT_EQ(layout.blocks()[2].name, "n.mean");
  EXPECT_FLOAT_EQ(layout.blocks()[2].statistic_rate, 0.1F);
  EXPECT_EQ(layout.blocks()[3].initial_value, 1);
  const Floats dense = {1, 0, 5, 4};  // gain, shift, running mean and variance
  double mean = 0, variance = 0;
  for (const Floats& part : {Floats{1, 3}, Floats{2, 2, 8, 8}}) {
    Norm::State state;
    Floats y = part, dy(part.size(), 0), gradient(4, NAN);
    norm->Forward(part.size(), dense.data(), state, y.data());
    EXPECT_NEAR(y[0], -1, 1e-4);
    norm->Backward(part.size(), dense.data(), state, dy.data(), gradient.data());
    mean += gradient[2];
    variance += gradient[3];
  }
  // Parts of 2 and 4 examples with means 2 and 5, variances 1 and 9.
  EXPECT_NEAR(mean / 6, 5 - (2 * 2 + 4 * 5) / 6.0, 1e-5);
  EXPECT_NEAR(variance / 6, 4 - (2 * 1 + 4 * 9) / 6.0, 1e-5);
}

TEST(BatchNorm, ScoresWithRunningValues) {
  DenseLayout layout;
  const auto norm = MakeNorm(NormKind::kBatch, "n", 1, layout);
  const Floats dense = {3, 1, 5, 4};
  Floats y = {7};
  norm->Infer(1, dense.data(), y.data());
  EXPECT_NEAR(y[0], (7 - 5) / 2.0 * 3 + 1, 1e-4);
}

TEST(Norm, NamesAreListed) {
  EXPECT_EQ(*ParseNorm("batch"), NormKind::kBatch);
  EXPECT_EQ(ParseNorm("group").status().message(),
            "unknown norm 'group'; known: none, batch, layer");
}

}  // namespace
}  // namespace rookery
