#include "models/losses/in_batch_softmax.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "tests/models/testing/gradient_check.h"

namespace rookery {
namespace {

constexpr std::size_t kExamples = 6, kWidth = 3;

struct Case {
  std::vector<float> queries, items, names, counts, losses, d_queries, d_items, scratch;

  Case() {
    Random random(17, Purpose::kTest);
    queries = RandomFloats(random, kExamples * kWidth, -1, 1);
    items = RandomFloats(random, kExamples * kWidth, -1, 1);
    names = {0, 1, 2, 0, 3, 1};  // 0 and 3, 1 and 5 have the same item
    counts = {5, 2, 1, 5, 7, 2};
    losses.resize(kExamples);
    d_queries.resize(queries.size());
    d_items.resize(items.size());
  }
  double Loss() {
    InBatchSoftmax({.examples = kExamples,
                    .width = kWidth,
                    .queries = queries.data(),
                    .items = items.data(),
                    .names = names.data(),
                    .name_width = 1,
                    .counts = counts.data()},
                   losses.data(), d_queries.data(), d_items.data(), &scratch);
    return std::accumulate(losses.begin(), losses.end(), 0.0);
  }
};

TEST(InBatchSoftmax, IsTheFormula) {
  Case test;
  (void)test.Loss();
  for (std::size_t b = 0; b < kExamples; ++b) {
    double sum = 0, own = 0;
    for (std::size_t j = 0; j < kExamples; ++j) {
      if (j != b && test.names[j] == test.names[b]) continue;
      double y = -std::log(double{test.counts[j]});
      for (std::size_t i = 0; i < kWidth; ++i) {
        y += double{test.queries[b * kWidth + i]} * double{test.items[j * kWidth + i]};
      }
      sum += std::exp(y);
      if (j == b) own = y;
    }
    EXPECT_NEAR(test.losses[b], std::log(sum) - own, 1e-5) << b;
  }
}

TEST(InBatchSoftmax, GradientsMatchDifferences) {
  Case test;
  (void)test.Loss();
  const std::vector<float> d_queries = test.d_queries, d_items = test.d_items;
  const auto loss = [&] { return test.Loss(); };
  ExpectGradient("queries", test.queries, d_queries, loss, {.step = 1e-2F, .tolerance = 1e-2});
  ExpectGradient("items", test.items, d_items, loss, {.step = 1e-2F, .tolerance = 1e-2});
}

TEST(InBatchSoftmax, AlikeItemsAloneHaveNoLoss) {
  Case test;
  test.names.assign(kExamples, 4);
  EXPECT_EQ(test.Loss(), 0);
  EXPECT_EQ(test.d_queries, std::vector<float>(test.queries.size(), 0));
}

}  // namespace
}  // namespace rookery
