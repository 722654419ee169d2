#include "models/vector_matrix.h"

#include <limits>

#include "tests/models/testing/gradient_check.h"

namespace rookery {
namespace {

TEST(VectorTimesMatrix, FollowsTheSumInDouble) {
  Random random(12, Purpose::kTest);
  for (const std::size_t rows : {0, 1, 7, 8, 9, 64, 101}) {
    for (const std::size_t columns : {1, 5, 16, 400}) {
      std::vector<float> x = RandomFloats(random, rows);
      for (std::size_t i = 0; i < rows; i += 3) x[i] = 0;
      const std::vector<float> w = RandomFloats(random, std::max<std::size_t>(rows, 1) * columns);
      std::vector<float> y(columns + 1, 9);
      VectorTimesMatrix(rows, columns, x.data(), w.data(), y.data());
      EXPECT_EQ(y.back(), 9);
      for (std::size_t j = 0; j < columns; ++j) {
        double sum = 0;
        for (std::size_t i = 0; i < rows; ++i) sum += double{x[i]} * w[i * columns + j];
        EXPECT_NEAR(y[j], sum, 1e-5) << rows << " rows, seed 12";
      }
    }
  }
}

TEST(VectorTimesMatrix, OfBf16IsThatOfTheSameNumbersInFloat) {
  Random random(13, Purpose::kTest);
  for (const std::size_t rows : {0, 1, 8, 101}) {
    for (const std::size_t columns : {1, 17, 400}) {
      const std::vector<float> x = RandomFloats(random, rows);
      std::vector<float> w = RandomFloats(random, std::max<std::size_t>(rows, 1) * columns);
      std::vector<Bf16> rounded(w.size());
      ToBf16(w.data(), w.size(), rounded.data());
      FromBf16(rounded.data(), w.size(), w.data());
      std::vector<float> y(columns), expected(columns);
      VectorTimesMatrix(rows, columns, x.data(), rounded.data(), y.data());
      VectorTimesMatrix(rows, columns, x.data(), w.data(), expected.data());
      for (std::size_t j = 0; j < columns; ++j) {
        EXPECT_NEAR(y[j], expected[j], 1e-5) << rows << " rows, seed 13";
      }
    }
  }
}

TEST(VectorTimesMatrix, DoesNotReadTheRowsOfZeros) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x = {2, 0, 0, 3};
  const std::vector<float> w = {1, 10, nan, nan, nan, nan, 100, 1000};
  std::vector<float> y(2);
  VectorTimesMatrix(4, 2, x.data(), w.data(), y.data());
  EXPECT_EQ(y, (std::vector<float>{302, 3020}));
}

}  // namespace
}  // namespace rookery
