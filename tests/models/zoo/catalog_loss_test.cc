// Which elements are told from the catalog, and how their losses become those of examples.
#include "models/zoo/catalog_loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/models/testing/gradient_check.h"

namespace rookery {
namespace {

constexpr std::size_t kDim = 3, kItems = 5;

// Two elements, none, three; the two examples with some have a state each.
struct Case {
  std::vector<std::uint32_t> offsets = {4, 6, 6, 9};
  std::vector<std::uint32_t> places = {3, 0, 1, 1, 4};
  std::vector<float> weights = {2, 1, 0.5F};
  std::vector<float> rows, states, d_rows, d_states, scores;
  CatalogLossScratch scratch;

  Case() {
    Random random(5, Purpose::kTest);
    rows = RandomFloats(random, kItems * kDim, -1, 1);
    for (const std::size_t elements : {2, 3}) {
      const std::vector<float> state = RandomFloats(random, kDim, -1, 1);
      for (std::size_t i = 0; i < elements; ++i) {
        states.insert(states.end(), state.begin(), state.end());
      }
    }
  }
  double Loss(bool alike, const std::uint8_t* learned = nullptr) {
    d_rows.assign(rows.size(), 0);
    d_states.assign(states.size(), NAN);
    scores.assign(3, NAN);
    const HistoryStates histories{.rows = states.data(),
                                  .dim = kDim,
                                  .examples = 3,
                                  .weights = weights.data(),
                                  .offsets = offsets.data(),
                                  .learned = learned,
                                  .alike = alike};
    return CatalogLoss(histories, {rows.data(), kItems, places.data()}, scores, d_states.data(),
                       d_rows.data(), &scratch);
  }
  // -log of the share of the element's item.
  [[nodiscard]] double LossOf(std::size_t element) const {
    double sum = 0, own = 0;
    for (std::size_t i = 0; i < kItems; ++i) {
      double y = 0;
      for (std::size_t c = 0; c < kDim; ++c) {
        y += double{states[element * kDim + c]} * double{rows[i * kDim + c]};
      }
      sum += std::exp(y);
      if (i == places[element]) own = y;
    }
    return std::log(sum) - own;
  }
};

TEST(CatalogLoss, IsTheSumOverElementsAndScoresTheirMean) {
  Case test;
  const double first = test.LossOf(0) + test.LossOf(1);
  const double third = test.LossOf(2) + test.LossOf(3) + test.LossOf(4);
  EXPECT_NEAR(test.Loss(false), 2 * first + 0.5 * third, 1e-5);
  EXPECT_NEAR(test.scores[0], std::exp(-first / 2), 1e-6);
  EXPECT_EQ(test.scores[1], 1);
  EXPECT_NEAR(test.scores[2], std::exp(-third / 3), 1e-6);
}

// One query an example instead of one an element; its gradient is the sum of theirs.
TEST(CatalogLoss, OfStatesThatAreAlikeIsTheSame) {
  Case each, one;
  EXPECT_NEAR(each.Loss(false), one.Loss(true), 1e-5);
  for (std::size_t b = 0; b < 3; ++b) EXPECT_NEAR(each.scores[b], one.scores[b], 1e-6);
  for (std::size_t i = 0; i < each.d_rows.size(); ++i) {
    EXPECT_NEAR(each.d_rows[i], one.d_rows[i], 1e-5) << i;
  }
  for (const auto& [begin, end] : {std::pair<std::size_t, std::size_t>(0, 2), {2, 5}}) {
    for (std::size_t c = 0; c < kDim; ++c) {
      float sum_of_each = 0, sum_of_one = 0;
      for (std::size_t s = begin; s < end; ++s) {
        sum_of_each += each.d_states[s * kDim + c];
        sum_of_one += one.d_states[s * kDim + c];
      }
      EXPECT_NEAR(sum_of_each, sum_of_one, 1e-5);
    }
  }
}

TEST(CatalogLoss, LeavesOutWhatIsNotLearnedOrNowhere) {
  Case test;
  const std::vector<std::uint8_t> learned = {0, 1, 0, 0, 1};
  test.places[4] = CatalogRows::kNowhere;
  EXPECT_NEAR(test.Loss(false, learned.data()), 2 * test.LossOf(1), 1e-5);
  EXPECT_NEAR(test.scores[0], std::exp(-test.LossOf(1)), 1e-6);
  EXPECT_EQ(test.scores[2], 1);
  for (std::size_t i = 0; i < test.d_states.size(); ++i) {
    EXPECT_EQ(test.d_states[i] != 0, i / kDim == 1) << i;
  }
}

}  // namespace
}  // namespace rookery
