// Activations beside PyTorch's own: tests/models/layers/torch_golden.py prints the numbers.
#include "models/layers/hidden_activation.h"

#include <cmath>
#include <map>

#include "tests/models/testing/gradient_check.h"

namespace rookery {
namespace {

using Floats = std::vector<float>;

constexpr std::size_t kExamples = 4, kWidth = 2;

Floats Wave(std::size_t count, float start, float scale = 1) {
  Floats values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = scale * static_cast<float>(std::sin(start + 0.7 * static_cast<double>(i)));
  }
  return values;
}

void ExpectNear(const std::string& what, std::span<const float> found, const Floats& expected) {
  ASSERT_EQ(found.size(), expected.size()) << what;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(found[i], expected[i], 1e-5 * std::max(1.0F, std::abs(expected[i])))
        << what << " " << i;
  }
}

struct Golden {
  Activation activation;
  Floats y, dx;
  std::map<std::string, Floats> gradients = {};  // by block; they start with waves from 2 on
};

const std::vector<Golden>& Goldens() {
  static const std::vector<Golden> goldens = {{Activation::kGelu,
                                               {1.6052016F, 1.9363935F, 1.2315592F, 0.0443365F,
                                                -0.1352570F, -0.0494395F, -0.0682411F, -0.1699677F},
                                               {-0.3120287F, 0.4400846F, 1.0137748F, 0.5491520F,
                                                -0.0704045F, 0.0067694F, 0.0765358F, -0.0017408F}},
                                              {Activation::kSilu,
                                               {1.4192144F, 1.7434175F, 1.0730152F, 0.0433086F,
                                                -0.2781300F, -0.2424326F, -0.2578400F, -0.2402614F},
                                               {-0.2977713F, 0.4412569F, 0.9122072F, 0.5252271F,
                                                0.0072339F, 0.0066409F, 0.0519916F, -0.1575261F}},
                                              {Activation::kPrelu,
                                               {1.6829420F, 1.9833296F, 1.3509264F, 0.0831613F,
                                                -0.5563608F, -0.4177767F, -0.8033230F, -0.1597874F},
                                               {-0.2794155F, 0.4048499F, 0.8987081F, 0.9698898F,
                                                0.2659318F, -0.0160590F, -0.3181971F, -0.2127147F},
                                               {{"a.slope", {0.5208427F, 0.8912657F}}}},
                                              {Activation::kDice,
                                               {1.1555143F, 0.8759216F, 0.9247842F, 0.0417749F,
                                                -0.8184908F, -1.1219749F, -1.1760412F, -0.3969926F},
                                               {-0.1961873F, 0.1764065F, 0.6211653F, 0.4998087F,
                                                0.3846368F, -0.0398685F, -0.4608522F, -0.5419567F},
                                               {{"a.slope", {0.7556901F, 1.1448939F}},
                                                {"a.dice.gain", {-0.0379995F, 0.1029545F}},
                                                {"a.dice.shift", {0.1656282F, 0.3142495F}}}}};
  return goldens;
}

TEST(HiddenActivation, AsPyTorch) {
  for (const Golden& golden : Goldens()) {
    const std::string name(kActivationNames[static_cast<std::size_t>(golden.activation)]);
    SCOPED_TRACE(name);
    DenseLayout layout;
    const HiddenActivation activation(golden.activation, "a", kWidth, layout);
    Floats dense(layout.size(), 0), gradient(layout.size(), NAN);
    float start = 2;
    for (const DenseBlockSpec& block : layout.blocks()) {
      if (block.statistic_rate != 0) continue;
      std::ranges::copy(Wave(kWidth, start++, 0.5F), dense.begin() + std::ptrdiff_t(block.offset));
    }
    Floats y = Wave(kExamples * kWidth, 1, 2), dy = Wave(y.size(), 6);
    HiddenActivation::State state;
    activation.Forward(kExamples, dense.data(), nullptr, state, y.data());
    activation.Backward(kExamples, dense.data(), y.data(), state, dy.data(), nullptr,
                        gradient.data());
    ExpectNear("y", y, golden.y);
    ExpectNear("dx", dy, golden.dx);
    for (const DenseBlockSpec& block : layout.blocks()) {
      if (block.statistic_rate != 0) continue;
      ExpectNear(block.name, std::span(gradient).subspan(block.offset, block.size()),
                 golden.gradients.at(block.name));
    }
  }
}

TEST(HiddenActivation, AddsTheBiasFirst) {
  for (const Activation kind : {Activation::kRelu, Activation::kGelu, Activation::kPrelu}) {
    DenseLayout layout;
    const HiddenActivation activation(kind, "a", kWidth, layout);
    const Floats dense(layout.size() + 1, 0.3F), bias = {0.5F, -0.25F};
    Floats with_bias = Wave(6, 1), added = with_bias;
    for (std::size_t i = 0; i < added.size(); ++i) added[i] += bias[i % 2];
    HiddenActivation::State state;
    activation.Forward(3, dense.data(), bias.data(), state, with_bias.data());
    activation.Infer(3, dense.data(), nullptr, state, added.data());
    EXPECT_EQ(with_bias, added);
  }
}

// Evaluation takes the running mean and variance, here 0 and 1: p = sigmoid(gain x + shift).
TEST(HiddenActivation, DiceScoresByItsRunningStatistics) {
  DenseLayout layout;
  const HiddenActivation activation(Activation::kDice, "a", 1, layout);
  Floats dense(layout.size(), 0);
  for (const DenseBlockSpec& block : layout.blocks()) {
    dense[block.offset] = block.name.ends_with("slope") ? 0.5F : block.initial_value;
  }
  Floats y = {2, -2};
  HiddenActivation::State state;
  activation.Infer(2, dense.data(), nullptr, state, y.data());
  EXPECT_NEAR(y[0], 2 * (0.5 + 0.5 * 0.8807971), 1e-5);
  EXPECT_NEAR(y[1], -2 * (0.5 + 0.5 * 0.1192029), 1e-5);
}

}  // namespace
}  // namespace rookery
