#include "models/gemm_bf16.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "common/random.h"

namespace rookery {
namespace {

TEST(Bf16, RoundsToTheNearestEven) {
  EXPECT_EQ(FromBf16(ToBf16(1.0F)), 1.0F);
  EXPECT_EQ(FromBf16(ToBf16(-0.15625F)), -0.15625F);
  const float step = 1.0F / 128;                               // of bf16 between 1 and 2
  EXPECT_EQ(FromBf16(ToBf16(1 + 0.5F * step)), 1.0F);          // tie: down to even
  EXPECT_EQ(FromBf16(ToBf16(1 + 1.5F * step)), 1 + 2 * step);  // tie: up to even
  EXPECT_EQ(FromBf16(ToBf16(1 + 0.51F * step)), 1 + step);
  EXPECT_EQ(FromBf16(ToBf16(std::numeric_limits<float>::max())),
            std::numeric_limits<float>::infinity());
  EXPECT_EQ(FromBf16(ToBf16(-std::numeric_limits<float>::infinity())),
            -std::numeric_limits<float>::infinity());
}

TEST(Bf16, NanStaysNan) {
  for (const std::uint32_t bits : {0x7fc00000U, 0x7f800001U, 0xffffffffU, 0x7fffffffU}) {
    EXPECT_TRUE(std::isnan(FromBf16(ToBf16(std::bit_cast<float>(bits))))) << bits;
  }
}

std::vector<Bf16> Draw(Random& random, std::size_t count) {
  std::vector<Bf16> values(count);
  for (Bf16& value : values) value = ToBf16(random.NextFloat() - 0.5F);
  return values;
}

// Element (i, j) of op(A) op(B), in double.
double Element(const GemmShape& s, const std::vector<Bf16>& a, const std::vector<Bf16>& b,
               std::size_t i, std::size_t j) {
  double sum = 0;
  for (std::size_t p = 0; p < s.k; ++p) {
    sum += static_cast<double>(FromBf16(a[s.transpose_a ? p * s.m + i : i * s.k + p])) *
           FromBf16(b[s.transpose_b ? j * s.k + p : p * s.n + j]);
  }
  return sum;
}

TEST(GemmBf16, AgreesWithAPlainLoop) {
  Random random(21, Purpose::kTest);
  for (const auto [m, n, k] : {std::array<std::size_t, 3>{1, 1, 1},
                               {3, 2, 5},
                               {8, 9, 7},
                               {63, 64, 65},
                               {65, 1, 33},
                               {1, 40, 9}}) {
    for (int variant = 0; variant < 4; ++variant) {
      const GemmShape shape{(variant & 1) != 0, (variant & 2) != 0, m, n, k};
      const std::vector<Bf16> a = Draw(random, m * k);
      const std::vector<Bf16> b = Draw(random, k * n);
      std::vector<float> bias(n);
      for (float& value : bias) value = random.NextFloat() - 0.5F;
      std::vector<float> sums(m * n, NAN);
      std::vector<Bf16> rounded(m * n, 0x7fc0), relu(m * n, 0x7fc0);
      GemmBf16(shape, a.data(), b.data(), sums.data());
      GemmBf16(shape, a.data(), b.data(), rounded.data());
      GemmBf16BiasRelu(shape, a.data(), b.data(), bias.data(), relu.data());
      for (std::size_t i = 0; i < m * n; ++i) {
        const double want = Element(shape, a, b, i / n, i % n);
        const double biased = std::max(0.0, want + bias[i % n]);
        ASSERT_NEAR(sums[i], want, 1e-5) << m << "x" << n << "x" << k << " variant " << variant;
        ASSERT_NEAR(FromBf16(rounded[i]), want, 0.005 * std::fabs(want) + 1e-5);
        ASSERT_NEAR(FromBf16(relu[i]), biased, 0.005 * biased + 1e-5);
      }
    }
  }
}

TEST(GemmBf16, NothingToAddIsZero) {
  std::vector<float> c(6, NAN);
  GemmBf16({.m = 2, .n = 3, .k = 0}, nullptr, nullptr, c.data());
  for (const float value : c) EXPECT_EQ(value, 0);
}

}  // namespace
}  // namespace rookery
