#include "models/layers/activation.h"

#include <cmath>

#include "tests/models/testing/gradient_check.h"

namespace rookery {
namespace {

using Floats = std::vector<float>;

TEST(Activation, ByHand) {
  const Floats bias = {1, -1};
  Floats y = {1, 0.5F, -3, 2};
  ActivationForward(Activation::kRelu, 2, 2, bias.data(), y.data());
  EXPECT_EQ(y, (Floats{2, 0, 0, 1}));
  y = {0, 1};
  ActivationForward(Activation::kSigmoid, 1, 2, nullptr, y.data());
  EXPECT_FLOAT_EQ(y[0], 0.5F);
  EXPECT_FLOAT_EQ(y[1], 0.7310586F);
  y = {0, 1};
  ActivationForward(Activation::kTanh, 1, 2, nullptr, y.data());
  EXPECT_FLOAT_EQ(y[1], 0.7615942F);
}

TEST(Activation, ReluDoesNotHideNan) {
  Floats y = {NAN};
  ActivationForward(Activation::kRelu, 1, 1, nullptr, y.data());
  EXPECT_TRUE(std::isnan(y[0]));
}

TEST(Activation, NamesAreListed) {
  EXPECT_EQ(*ParseActivation("tanh"), Activation::kTanh);
  EXPECT_EQ(*ParseActivation("dice"), Activation::kDice);
  const auto unknown = ParseActivation("swish");
  EXPECT_EQ(unknown.status().code(), Code::kInvalidInput);
  EXPECT_EQ(unknown.status().message(),
            "unknown activation 'swish'; known: relu, sigmoid, tanh, gelu, silu, prelu, dice");
}

class ActivationGradient : public testing::TestWithParam<Activation> {};

TEST_P(ActivationGradient, MatchesDifferences) {
  const std::size_t examples = 4, width = 9;
  Random random(2, Purpose::kTest);
  Floats z = RandomFloats(random, examples * width, -2, 2);
  Floats bias = RandomFloats(random, width);
  const Floats dy = RandomFloats(random, z.size());
  Floats y, dz = dy, bias_gradient(width, NAN);
  const auto loss = [&] {
    y = z;
    ActivationForward(GetParam(), examples, width, bias.data(), y.data());
    return WeightedSum(dy, y.data());
  };
  (void)loss();
  ActivationBackward(GetParam(), examples, width, y.data(), dz.data(), bias_gradient.data());
  ExpectGradient("z", z, dz, loss, {.step = 1e-3F});
  ExpectGradient("bias", bias, bias_gradient, loss, {.step = 1e-3F});
  Floats again = dy;
  (void)loss();
  ActivationBackward(GetParam(), examples, width, y.data(), again.data(), nullptr);
  EXPECT_EQ(again, dz);
}
INSTANTIATE_TEST_SUITE_P(All, ActivationGradient,
                         testing::Values(Activation::kRelu, Activation::kSigmoid,
                                         Activation::kTanh));

}  // namespace
}  // namespace rookery
