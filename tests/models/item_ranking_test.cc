#include "models/item_ranking.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "common/random.h"

namespace rookery {
namespace {

using ::testing::ElementsAre;
using Items = std::vector<std::uint32_t>;

ItemMatrix MatrixOf(std::size_t width, const std::vector<float>& items) {
  ItemMatrix matrix(width);
  matrix.Append(items);
  return matrix;
}

TEST(ItemRanking, AddsTheItemsNumber) {
  const ItemMatrix items = MatrixOf(1, {1, 0, 2, 0, -1, 9});
  const std::vector<float> queries = {1, -2};
  const std::vector<Items> masked(2);
  EXPECT_THAT(BestItems(items, queries, masked, 3), ElementsAre(Items{2, 1, 0}, Items{2, 0, 1}));
}

TEST(ItemRanking, LeavesOutWhatIsMasked) {
  const ItemMatrix items = MatrixOf(1, {1, 0, 2, 0, 3, 0, 4, 0});
  const std::vector<float> queries = {1, 1};
  const std::vector<Items> masked = {{1, 3}, {0, 1, 2, 3}};
  EXPECT_THAT(BestItems(items, queries, masked, 2), ElementsAre(Items{2, 0}, Items{}));
}

TEST(ItemRanking, RanksEqualScoresInOrderAndNoNumbersThatAreNone) {
  const ItemMatrix items = MatrixOf(1, {1, 0, NAN, 0, 1, 0, INFINITY, 0, 2, 0, 1, 0});
  EXPECT_THAT(BestItems(items, std::vector<float>{1}, std::vector<Items>(1), 3),
              ElementsAre(Items{4, 0, 2}));
}

// Against a full sort, for sizes around whole blocks; each user alone gives the same.
TEST(ItemRanking, IsThatOfAFullSort) {
  constexpr std::size_t kWidth = 5, kUsers = 9, kCount = 20;
  Random random(21, Purpose::kTest);
  for (const std::size_t count : {7U, 63U, 64U, 65U, 1000U}) {
    std::vector<float> vectors(count * (kWidth + 1));
    for (float& value : vectors) value = std::round(4 * random.NextFloat()) - 2;  // many are equal
    std::vector<float> queries(kUsers * kWidth);
    for (float& value : queries) value = std::round(4 * random.NextFloat()) - 2;
    std::vector<Items> masked(kUsers);
    for (Items& mask : masked) {
      for (std::uint32_t i = 0; i < count; ++i) {
        if (random.NextBelow(5) == 0) mask.push_back(i);
      }
    }
    ItemMatrix items(kWidth);
    items.Append(std::span(vectors).first(3 * (kWidth + 1)));
    items.Append(std::span(vectors).subspan(3 * (kWidth + 1)));
    ASSERT_EQ(items.size(), count);
    const auto best = BestItems(items, queries, masked, kCount);
    for (std::size_t u = 0; u < kUsers; ++u) {
      const std::span<const float> query = std::span(queries).subspan(u * kWidth, kWidth);
      const auto score = [&](std::uint32_t item) {
        const float* vector = vectors.data() + item * (kWidth + 1);
        return std::inner_product(query.begin(), query.end(), vector, vector[kWidth]);
      };
      Items order;
      for (std::uint32_t i = 0; i < count; ++i) {
        if (!std::ranges::binary_search(masked[u], i)) order.push_back(i);
      }
      const Items others = order;
      std::ranges::stable_sort(order, std::ranges::greater(), score);
      order.resize(std::min(order.size(), kCount));
      EXPECT_EQ(best[u], order) << count << " items, user " << u;
      EXPECT_EQ(BestItems(items, query, std::span(masked).subspan(u, 1), kCount)[0], best[u]);
      EXPECT_EQ(BestAmong(items, query, others, kCount), best[u]);
      Items few = masked[u];
      std::ranges::stable_sort(few, std::ranges::greater(), score);
      few.resize(std::min(few.size(), kCount));
      EXPECT_EQ(BestAmong(items, query, masked[u], kCount), few) << count << " items, user " << u;
    }
  }
}

TEST(ItemRanking, OfGivenScoresHasTheSameRules) {
  const std::vector<float> scores = {1, NAN, 1, INFINITY, 2, 1};
  EXPECT_THAT(BestOf(scores, Items{}, 3), ElementsAre(4, 0, 2));
  EXPECT_THAT(BestOf(scores, Items{0, 4}, 3), ElementsAre(2, 5));
  EXPECT_THAT(BestAmong(scores, Items{0, 1, 4, 5}, 2), ElementsAre(4, 0));
  EXPECT_THAT(BestAmong(scores, Items{}, 2), ElementsAre());
}

TEST(ItemRanking, RanksAreWhereWantedItemsStand) {
  EXPECT_THAT(RanksOf(Items{2, 5, 9}, Items{5, 4, 2, 7}), ElementsAre(1, 3));
  EXPECT_THAT(RanksOf(Items{}, Items{5, 4}), ElementsAre());
}

}  // namespace
}  // namespace rookery
