#include "models/losses/full_softmax.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

#include "tests/models/testing/gradient_check.h"

namespace rookery {
namespace {

struct Case {
  std::size_t width = 3, items = 7;
  std::vector<std::uint32_t> offsets = {0, 1, 4, 4, 5};  // one wants nothing
  std::vector<std::uint32_t> wanted = {6, 0, 2, 2, 3};   // one wants 2 twice
  std::vector<float> weights = {1, 0.5F, 2, 1.5F};
  std::vector<float> queries, rows, d_queries, d_rows;
  std::vector<double> losses;
  FloatBuffer scratch;

  explicit Case(std::size_t item_count = 7) : items(item_count) {
    Random random(17, Purpose::kTest);
    queries = RandomFloats(random, weights.size() * width, -1, 1);
    rows = RandomFloats(random, items * width, -1, 1);
    losses.resize(weights.size());
    d_queries.assign(queries.size(), NAN);
    d_rows.assign(rows.size(), 0);
  }
  double Loss() {
    std::fill(d_rows.begin(), d_rows.end(), 0.0F);
    FullSoftmax({.width = width,
                 .items = items,
                 .item_rows = rows.data(),
                 .queries = weights.size(),
                 .query_rows = queries.data(),
                 .weights = weights.data(),
                 .offsets = offsets.data(),
                 .wanted = wanted.data()},
                losses.data(), d_queries.data(), d_rows.data(), &scratch);
    double sum = 0;
    for (std::size_t q = 0; q < losses.size(); ++q) sum += weights[q] * losses[q];
    return sum;
  }
};

// In float64. The second case is of several blocks of queries, a third of one query each.
TEST(FullSoftmax, IsTheFormulaInAnyNumberOfBlocks) {
  for (const std::size_t items : {std::size_t{7}, kProducts / 2, kProducts + 1}) {
    Case test(items);
    (void)test.Loss();
    std::vector<double> d_rows(test.rows.size());
    for (std::size_t q = 0; q < test.weights.size(); ++q) {
      std::vector<double> y(items);
      for (std::size_t i = 0; i < test.rows.size(); ++i) {
        y[i / test.width] +=
            double{test.queries[q * test.width + i % test.width]} * double{test.rows[i]};
      }
      double sum = 0, loss = 0;
      for (const double one : y) sum += std::exp(one);
      std::vector<double> d(items);
      for (std::uint32_t w = test.offsets[q]; w < test.offsets[q + 1]; ++w) {
        loss += std::log(sum) - y[test.wanted[w]];
        d[test.wanted[w]] -= test.weights[q];
      }
      EXPECT_NEAR(test.losses[q], loss, 1e-6 * std::max(1.0, loss)) << q;
      const double count = test.offsets[q + 1] - test.offsets[q];
      const double scale = test.weights[q] * count / sum;
      std::vector<double> d_query(test.width);
      for (std::size_t i = 0; i < test.rows.size(); ++i) {
        const double d_product = d[i / test.width] + scale * std::exp(y[i / test.width]);
        d_query[i % test.width] += d_product * test.rows[i];
        d_rows[i] += d_product * test.queries[q * test.width + i % test.width];
      }
      for (std::size_t c = 0; c < test.width; ++c) {
        EXPECT_NEAR(test.d_queries[q * test.width + c], d_query[c], items == 7 ? 1e-6 : 2e-4) << q;
      }
    }
    for (std::size_t i = 0; i < d_rows.size(); ++i) {
      ASSERT_NEAR(test.d_rows[i], d_rows[i], 1e-6) << i;
    }
  }
}

TEST(FullSoftmax, GradientsMatchDifferences) {
  Case test;
  (void)test.Loss();
  const std::vector<float> d_queries = test.d_queries, d_rows = test.d_rows;
  const auto loss = [&] { return test.Loss(); };
  ExpectGradient("queries", test.queries, d_queries, loss);
  ExpectGradient("items", test.rows, d_rows, loss);
}

TEST(FullSoftmax, IsFiniteForAnyScoresAndAddsToWhatIsThere) {
  Case test;
  test.offsets = {0, 1, 2, 3, 4};
  test.wanted = {0, 0, 1, 1};
  std::fill(test.queries.begin(), test.queries.end(), 0.0F);
  std::fill(test.rows.begin(), test.rows.end(), 0.0F);
  for (std::size_t q = 0; q < 4; ++q) test.queries[q * test.width] = 100;
  test.rows[0] = 10;
  (void)test.Loss();
  EXPECT_NEAR(test.losses[0], 0, 1e-6);
  EXPECT_NEAR(test.losses[2], 1000, 1e-3);
  EXPECT_NEAR(test.d_rows[0], 100 * (2 + 1.5), 1e-3);  // of item 0 where it is not wanted
  EXPECT_NEAR(test.d_rows[test.width], -100 * (2 + 1.5), 1e-3);
}

}  // namespace
}  // namespace rookery
