#include "models/layers/linear.h"

#include <cmath>

#include "tests/models/testing/gradient_check.h"

namespace rookery {
namespace {

using Floats = std::vector<float>;

TEST(Linear, ByHand) {
  DenseLayout layout;
  const Linear linear("l", 2, 2, layout);
  EXPECT_EQ(layout.blocks()[0].name, "l.weight");
  const Floats dense = {1, 2, 3, 4}, x = {1, 10};
  Floats y(2);
  linear.Forward(1, dense.data(), x.data(), y.data());
  EXPECT_EQ(y, (Floats{31, 42}));
}

class LinearGradient : public testing::TestWithParam<std::size_t> {};

TEST_P(LinearGradient, MatchesDifferences) {
  const std::size_t examples = 5, inputs = 19, outputs = GetParam();
  Random random(1, Purpose::kTest, outputs);
  DenseLayout layout;
  (void)layout.AddConstant("before", 1, 3, 0);
  const Linear linear("l", inputs, outputs, layout);
  Floats dense = RandomFloats(random, layout.size());
  Floats x = RandomFloats(random, examples * inputs);
  const Floats dy = RandomFloats(random, examples * outputs);
  Floats y(dy.size()), gradient(dense.size(), 7), dx(x.size(), NAN), part(examples * 4, NAN);
  const auto loss = [&] {
    linear.Forward(examples, dense.data(), x.data(), y.data());
    return WeightedSum(dy, y.data());
  };
  linear.Backward(examples, dense.data(), x.data(), dy.data(), gradient.data(), inputs, dx.data());
  const std::size_t size = inputs * outputs;
  ExpectGradient("weight", std::span(dense).subspan(3, size), std::span(gradient).subspan(3, size),
                 loss);
  ExpectGradient("x", x, dx, loss);
  EXPECT_EQ(gradient[2], 7) << "another layer's block";
  // Only the first columns, and none at all.
  linear.Backward(examples, dense.data(), x.data(), dy.data(), gradient.data(), 4, part.data());
  for (std::size_t b = 0; b < examples; ++b) {
    for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(part[b * 4 + i], dx[b * inputs + i], 1e-6);
  }
  linear.Backward(examples, dense.data(), x.data(), dy.data(), gradient.data(), 0, nullptr);
}
INSTANTIATE_TEST_SUITE_P(Outputs, LinearGradient, testing::Values(1, 2, 6));

}  // namespace
}  // namespace rookery
