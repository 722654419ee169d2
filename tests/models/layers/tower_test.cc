#include "models/layers/tower.h"

#include <cmath>

#include "tests/models/testing/gradient_check.h"

namespace rookery {
namespace {

using Floats = std::vector<float>;

struct Case {
  const char* name;
  TowerOptions options;
};

class TowerGradient : public testing::TestWithParam<Case> {};

TEST_P(TowerGradient, MatchesDifferences) {
  const std::size_t examples = 6, inputs = 5;
  Random random(6, Purpose::kTest);
  DenseLayout layout;
  const Tower tower("t", inputs, GetParam().options, layout);
  Floats dense = RandomFloats(random, layout.size(), -0.7F, 0.8F);
  Floats x = RandomFloats(random, examples * inputs, -1, 1);
  const Floats dy = RandomFloats(random, examples);
  const DropoutStream stream{.seed = 5};
  Tower::Scratch scratch;
  Floats y(examples), gradient(dense.size(), NAN), dx(x.size(), NAN);
  const auto loss = [&] {
    tower.Forward(examples, dense.data(), x.data(), stream, scratch, y.data());
    return WeightedSum(dy, y.data());
  };
  (void)loss();
  tower.Backward(examples, dense.data(), x.data(), dy.data(), scratch, gradient.data(), inputs,
                 dx.data());
  // Small steps for relu's kinks, large ones where slopes are small.
  const bool smooth = GetParam().options.activation != Activation::kRelu &&
                      GetParam().options.activation != Activation::kPrelu;
  const GradientCheckOptions check{.step = smooth ? 1e-2F : 1e-3F, .tolerance = 2e-2};
  ExpectGradient("x", x, dx, loss, check);
  for (const DenseBlockSpec& block : layout.blocks()) {
    if (block.statistic_rate != 0) continue;
    ExpectGradient(block.name, std::span(dense).subspan(block.offset, block.size()),
                   std::span(gradient).subspan(block.offset, block.size()), loss, check);
  }
  for (const float g : gradient) EXPECT_FALSE(std::isnan(g)) << "a gradient was not written";
}
INSTANTIATE_TEST_SUITE_P(
    All, TowerGradient,
    testing::Values(
        Case{"plain", {.hidden = {7, 4}}},
        Case{"tanh", {.hidden = {7, 4}, .activation = Activation::kTanh}},
        Case{"deep", {.hidden = {6, 5, 4}, .activation = Activation::kSigmoid}},
        Case{"none", {.hidden = {}}},
        Case{"layer",
             {.hidden = {7, 4}, .activation = Activation::kTanh, .norm = NormKind::kLayer}},
        Case{"batch",
             {.hidden = {7, 4}, .activation = Activation::kTanh, .norm = NormKind::kBatch}},
        Case{"dropout", {.hidden = {9, 6}, .activation = Activation::kTanh, .dropout = 0.3F}},
        Case{"gelu", {.hidden = {7, 4}, .activation = Activation::kGelu}},
        Case{"silu", {.hidden = {7, 4}, .activation = Activation::kSilu, .norm = NormKind::kLayer}},
        Case{"prelu", {.hidden = {7, 4}, .activation = Activation::kPrelu}},
        Case{"dice", {.hidden = {7, 4}, .activation = Activation::kDice, .dropout = 0.2F}}),
    [](const auto& info) { return std::string(info.param.name); });

// Everything that training computes, in one vector.
struct Trained {
  Floats output, gradient, dx;
};

Trained Train(TowerOptions options, Dtype dtype) {
  const std::size_t examples = 40, inputs = 24;
  options.dtype = dtype;
  Random random(9, Purpose::kTest);
  DenseLayout layout;
  const Tower tower("t", inputs, options, layout);
  Floats dense = RandomFloats(random, layout.size(), -0.3F, 0.3F);
  const Floats x = RandomFloats(random, examples * inputs, -1, 1);
  const Floats dy = RandomFloats(random, examples);
  Tower::Scratch scratch;
  Trained trained{Floats(examples), Floats(dense.size(), NAN),
                  Floats(examples * (inputs - 3), NAN)};
  for (int again = 0; again < 2; ++again) {  // the second time in used scratch
    tower.Forward(examples, dense.data(), x.data(), {.seed = 4}, scratch, trained.output.data());
    tower.Backward(examples, dense.data(), x.data(), dy.data(), scratch, trained.gradient.data(),
                   inputs - 3, trained.dx.data());
  }
  return trained;
}

double RelativeDistance(const Floats& a, const Floats& b) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += (a[i] - b[i]) * (a[i] - b[i]);
    size += a[i] * a[i];
  }
  return std::sqrt(difference / size);
}

class TowerBf16 : public testing::TestWithParam<Case> {};

// Eight bits of precision; a unit near 0 may also end on the other side of relu.
TEST_P(TowerBf16, IsFp32ButForRounding) {
  const Trained exact = Train(GetParam().options, Dtype::kFp32);
  const Trained rounded = Train(GetParam().options, Dtype::kBf16);
  EXPECT_LT(RelativeDistance(exact.output, rounded.output), 0.02) << "seeds 9, 4";
  EXPECT_LT(RelativeDistance(exact.gradient, rounded.gradient), 0.08) << "seeds 9, 4";
  EXPECT_LT(RelativeDistance(exact.dx, rounded.dx), 0.08) << "seeds 9, 4";
  EXPECT_NE(exact.output, rounded.output);
}
INSTANTIATE_TEST_SUITE_P(
    All, TowerBf16,
    testing::Values(
        Case{"one", {.hidden = {32}}}, Case{"relu", {.hidden = {32, 17, 20}}},
        Case{"tanh", {.hidden = {32, 16}, .activation = Activation::kTanh}},
        Case{"layer", {.hidden = {32, 16}, .norm = NormKind::kLayer}},
        Case{"batch",
             {.hidden = {32, 16}, .activation = Activation::kTanh, .norm = NormKind::kBatch}},
        Case{"dropout", {.hidden = {32, 16}, .dropout = 0.3F}}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(Tower, PredictIsForwardWithoutDropout) {
  Random random(7, Purpose::kTest);
  DenseLayout layout;
  const Tower tower("t", 3, {.hidden = {5}, .dropout = 0.5F}, layout);
  const Floats dense = RandomFloats(random, layout.size());
  const Floats x = RandomFloats(random, 2 * 3);
  Tower::Scratch scratch;
  Floats scored(2), trained(2), mean(2, 0);
  tower.Predict(2, dense.data(), x.data(), scratch, scored.data());
  // Inverted dropout keeps the mean: the average over many masks is the score.
  constexpr std::uint32_t kMasks = 4000;
  for (std::uint32_t part = 0; part < kMasks; ++part) {
    tower.Forward(2, dense.data(), x.data(), {.seed = 8, .part = part}, scratch, trained.data());
    for (std::size_t b = 0; b < 2; ++b) mean[b] += trained[b] / kMasks;
  }
  for (std::size_t b = 0; b < 2; ++b) EXPECT_NEAR(mean[b], scored[b], 0.02) << "seeds 7, 8";
}

}  // namespace
}  // namespace rookery
