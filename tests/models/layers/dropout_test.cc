#include "models/layers/dropout.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace rookery {
namespace {

constexpr std::size_t kCount = 4001;

std::vector<std::uint8_t> MaskOf(const DropoutStream& stream, std::size_t layer,
                                 float probability) {
  const std::vector<float> x(kCount, 1);
  std::vector<float> y(kCount);
  std::vector<std::uint8_t> mask(kCount, 9);
  DropoutForward(stream, layer, probability, kCount, x.data(), y.data(), mask.data());
  return mask;
}

TEST(Dropout, TheSameNameGivesTheSameMaskAndAnyOtherAnother) {
  const DropoutStream stream{.seed = 1, .step = Step{2}, .slice = Slice{3}, .part = 4};
  const auto mask = MaskOf(stream, 5, 0.5F);
  EXPECT_EQ(MaskOf(stream, 5, 0.5F), mask);
  EXPECT_NE(MaskOf(stream, 6, 0.5F), mask);
  EXPECT_NE(MaskOf({2, Step{2}, Slice{3}, 4}, 5, 0.5F), mask);
  EXPECT_NE(MaskOf({1, Step{3}, Slice{3}, 4}, 5, 0.5F), mask);
  EXPECT_NE(MaskOf({1, Step{2}, Slice{4}, 4}, 5, 0.5F), mask);
  EXPECT_NE(MaskOf({1, Step{2}, Slice{3}, 5}, 5, 0.5F), mask);
}

TEST(Dropout, KeepsTheShareItShould) {
  for (const float probability : {0.1F, 0.5F, 0.9F}) {
    const auto mask = MaskOf({.seed = 7}, 0, probability);
    const int kept = std::accumulate(mask.begin(), mask.end(), 0);
    // Five deviations of the binomial at most.
    EXPECT_NEAR(kept / static_cast<double>(kCount), 1 - probability, 0.04) << "seed 7";
  }
}

TEST(Dropout, ScalesForwardAndBackward) {
  const std::vector<float> x = {1, 2, 3, 4, 5};
  std::vector<float> y(5), dy = {1, 1, 1, 1, 1};
  std::vector<std::uint8_t> mask(5);
  DropoutForward({.seed = 3}, 0, 0.75F, 5, x.data(), y.data(), mask.data());
  DropoutBackward(0.75F, 5, mask.data(), dy.data());
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(y[i], mask[i] != 0 ? 4 * x[i] : 0) << i;
    EXPECT_EQ(dy[i], mask[i] != 0 ? 4 : 0) << i;
  }
}

}  // namespace
}  // namespace rookery
