#include "ps/initializer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "common/hash.h"

namespace rookery {
namespace {

TableSpec Spec(InitializerKind kind, float scale, std::uint32_t dim, std::uint32_t zeros = 0) {
  TableSpec spec;
  spec.id = TableId{3};
  spec.dim = dim;
  spec.zero_columns = zeros;
  spec.initializer = {kind, scale};
  spec.seed = 11;
  return spec;
}

std::vector<float> Many(const TableSpec& spec, std::size_t rows) {
  const Initializer initializer(spec);
  std::vector<float> all(rows * spec.dim, 99);
  std::vector<Key> keys(rows);
  std::vector<float*> places(rows);
  for (std::size_t key = 0; key < rows; ++key) {
    keys[key] = key;
    places[key] = all.data() + key * spec.dim;
  }
  initializer.Fill(keys, places);
  return all;
}

// Resumed jobs and other servers rely on the bits.
TEST(Initializer, BitsNeverChange) {
  const auto hash = [](InitializerKind kind) {
    const std::vector<float> all = Many(Spec(kind, 0.01F, 19, 2), 1000);
    return HashBytes(std::as_bytes(std::span(all)));
  };
  EXPECT_EQ(hash(InitializerKind::kNormal), 2598893846940543870U);
  EXPECT_EQ(hash(InitializerKind::kUniform), 13197715849735458296U);
}

TEST(Initializer, NormalHasItsMoments) {
  const auto all = Many(Spec(InitializerKind::kNormal, 2, 16), 20'000);
  double sum = 0, squares = 0, cubes = 0, fourths = 0;
  double neighbours = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const double x = all[i] / 2.0;
    sum += x;
    squares += x * x;
    cubes += x * x * x;
    fourths += x * x * x * x;
    if (i > 0) neighbours += x * all[i - 1] / 2.0;
  }
  const auto n = static_cast<double>(all.size());  // 320,000: deviation of the mean is .0018
  EXPECT_NEAR(sum / n, 0, 0.01);
  EXPECT_NEAR(squares / n, 1, 0.015);
  EXPECT_NEAR(cubes / n, 0, 0.03);
  EXPECT_NEAR(fourths / n, 3, 0.1);
  EXPECT_NEAR(neighbours / n, 0, 0.01);
}

// The share beyond k deviations, from the table of the normal distribution.
TEST(Initializer, NormalHasItsTails) {
  const auto all = Many(Spec(InitializerKind::kNormal, 1, 16), 50'000);
  const auto beyond = [&](float limit) {
    std::size_t count = 0;
    for (const float x : all) count += std::fabs(x) > limit;
    return static_cast<double>(count) / static_cast<double>(all.size());
  };
  EXPECT_NEAR(beyond(1), 0.3173, 0.003);
  EXPECT_NEAR(beyond(2), 0.0455, 0.001);
  EXPECT_NEAR(beyond(3), 0.0027, 0.0003);
}

TEST(Initializer, UniformFillsItsRange) {
  const auto all = Many(Spec(InitializerKind::kUniform, 0.5F, 8), 10'000);
  float low = 0, high = 0;
  double squares = 0;
  for (const float x : all) {
    low = std::min(low, x);
    high = std::max(high, x);
    squares += static_cast<double>(x) * x;
  }
  EXPECT_GE(low, -0.5F);
  EXPECT_LE(high, 0.5F);
  EXPECT_LT(low, -0.499F);
  EXPECT_GT(high, 0.499F);
  EXPECT_NEAR(squares / static_cast<double>(all.size()), 0.25 / 3, 0.002);
}

TEST(Initializer, XavierCountsRandomColumnsOnly) {
  const auto all = Many(Spec(InitializerKind::kXavier, 123, 6, 1), 20'000);  // sqrt(6 / (1 + 5))
  float high = 0;
  for (const float x : all) high = std::max(high, x);
  EXPECT_LE(high, 1);
  EXPECT_GT(high, 0.999F);
}

TEST(Initializer, LastColumnsAreZero) {
  for (const auto kind : {InitializerKind::kNormal, InitializerKind::kUniform}) {
    const auto all = Many(Spec(kind, 1, 5, 2), 3);
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t i = 0; i < 3; ++i) EXPECT_NE(all[row * 5 + i], 0);
      EXPECT_EQ(all[row * 5 + 3], 0);
      EXPECT_EQ(all[row * 5 + 4], 0);
    }
  }
}

TEST(Initializer, DependsOnSeedTableAndKeyAndNothingElse) {
  const TableSpec spec = Spec(InitializerKind::kNormal, 1, 4);
  const auto fill = [](const TableSpec& s, Key key) {
    std::vector<float> row(4);
    Initializer(s).Fill(key, row);
    return row;
  };
  EXPECT_EQ(fill(spec, 7), fill(spec, 7));
  EXPECT_NE(fill(spec, 7), fill(spec, 8));
  TableSpec other = spec;
  other.seed = 12;
  EXPECT_NE(fill(spec, 7), fill(other, 7));
  other = spec;
  other.id = TableId{4};
  EXPECT_NE(fill(spec, 7), fill(other, 7));
  // A wider row begins like a narrow one.
  TableSpec wide = spec;
  wide.dim = 6;
  std::vector<float> row(6);
  Initializer(wide).Fill(7, row);
  row.resize(4);
  EXPECT_EQ(row, fill(spec, 7));
}

}  // namespace
}  // namespace rookery
