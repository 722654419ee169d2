#include "models/layers/fm_interaction.h"

#include <cmath>

#include "tests/models/testing/gradient_check.h"

namespace rookery {
namespace {

using Floats = std::vector<float>;

TEST(FmInteraction, ByHand) {
  // (1, 2), (3, 4), (5, 6); the third column of each does not take part.
  const Floats e = {1, 2, 99, 3, 4, 99, 5, 6, 99};
  Floats sums(2);
  EXPECT_FLOAT_EQ(FmForward({3, 3, 2}, e.data(), sums.data()), 11 + 17 + 39);
  EXPECT_EQ(sums, (Floats{9, 12}));
  Floats de(9, 7);
  FmBackward({3, 3, 2}, e.data(), sums.data(), 2, nullptr, de.data());
  EXPECT_EQ(de, (Floats{16, 20, 7, 12, 16, 7, 8, 12, 7}));
  const Floats base = {1, 2, 3, 4, 5, 6};
  FmBackward({3, 3, 2}, e.data(), sums.data(), 2, base.data(), de.data());
  EXPECT_EQ(de, (Floats{17, 22, 7, 15, 20, 7, 13, 18, 7}));
}

class FmWidth : public testing::TestWithParam<std::size_t> {};

TEST_P(FmWidth, GradientMatchesDifferences) {
  const FmShape shape{5, GetParam() + 1, GetParam()};
  Random random(4, Purpose::kTest, GetParam());
  Floats e = RandomFloats(random, shape.groups * shape.stride);
  Floats sums(shape.width), de(e.size(), 0);
  const auto loss = [&] { return static_cast<double>(FmForward(shape, e.data(), sums.data())); };
  (void)loss();
  FmBackward(shape, e.data(), sums.data(), 1, nullptr, de.data());
  ExpectGradient("e", e, de, loss);
  double pairs = 0;
  for (std::size_t f = 0; f < shape.groups; ++f) {
    for (std::size_t g = f + 1; g < shape.groups; ++g) {
      for (std::size_t d = 0; d < shape.width; ++d) {
        pairs += static_cast<double>(e[f * shape.stride + d]) * e[g * shape.stride + d];
      }
    }
  }
  EXPECT_NEAR(loss(), pairs, 1e-4);
}
INSTANTIATE_TEST_SUITE_P(All, FmWidth, testing::Values(1, 3, 8, 10, 16, 17));

}  // namespace
}  // namespace rookery
