#include "ps/recent_rows.h"

#include <gtest/gtest.h>

#include <vector>

#include "ps/table.h"
#include "tests/ps/testing/keys.h"

namespace rookery {
namespace {

using testing::Ordered;

float* Row(std::size_t i) {
  static float rows[64];
  return rows + i;
}

void Remember(RecentRows* recent, const std::vector<Key>& keys, std::size_t first) {
  const std::span<float*> rows = recent->Remember(keys, false).rows;
  ASSERT_EQ(rows.size(), keys.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = Row(first + i);
}

TableSpec Spec() {
  TableSpec spec;
  spec.dim = 2;
  spec.updater.kind = UpdaterKind::kSgd;
  spec.updater.learning_rate.rate = 0.5F;
  return spec;
}

std::vector<float> Pull(Table* table, const std::vector<Key>& keys) {
  std::vector<float> out(keys.size() * 2);
  EXPECT_TRUE(table->Pull(keys, true, 0, out).ok());
  return out;
}

TEST(RecentRows, KnowsExactlyTheKeysOfAPull) {
  RecentRows recent;
  Remember(&recent, {7, 3, 9}, 0);
  const auto rows = recent.Find(std::vector<Key>{7, 3, 9}).rows;
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0], Row(0));
  EXPECT_EQ(rows[2], Row(2));
  EXPECT_TRUE(recent.Find(std::vector<Key>{7, 3}).rows.empty());
  EXPECT_TRUE(recent.Find(std::vector<Key>{7, 3, 9, 1}).rows.empty());
  EXPECT_TRUE(recent.Find(std::vector<Key>{7, 4, 9}).rows.empty());
  EXPECT_TRUE(recent.Find(std::vector<Key>{3, 7, 9}).rows.empty());
}

TEST(RecentRows, KeepsNumbersWhenAsked) {
  RecentRows recent;
  const std::vector<Key> keys = {7, 3};
  EXPECT_TRUE(recent.Remember(keys, false).numbers.empty());
  EXPECT_TRUE(recent.Find(keys).numbers.empty());
  recent.Forget();
  const RecentRows::Room room = recent.Remember(keys, true);
  ASSERT_EQ(room.numbers.size(), 2U);
  room.numbers[0] = 70;
  room.numbers[1] = 30;
  EXPECT_EQ(recent.Find(keys).numbers[0], 70U);
  EXPECT_EQ(recent.Find(keys).numbers[1], 30U);
}

TEST(RecentRows, TheOldestPullGoesFirst) {
  RecentRows recent;
  for (std::size_t pull = 0; pull <= RecentRows::kPulls; ++pull) {
    Remember(&recent, {pull, pull + 1}, 2 * pull);
  }
  EXPECT_TRUE(recent.Find(std::vector<Key>{0, 1}).rows.empty());
  for (std::size_t pull = 1; pull <= RecentRows::kPulls; ++pull) {
    const auto rows = recent.Find(std::vector<Key>{pull, pull + 1}).rows;
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[1], Row(2 * pull + 1));
  }
  EXPECT_GE(recent.bytes(), RecentRows::kPulls * 2 * (sizeof(Key) + sizeof(float*)));
  recent.Forget();
  EXPECT_TRUE(recent.Find(std::vector<Key>{2, 3}).rows.empty());
  EXPECT_EQ(recent.bytes(), 0U);
}

// Pushes whose rows a pull has found, and others, in an order of their own.
TEST(RecentRows, PushesAfterPullsEqualPushesAlone) {
  Table pulled(Spec(), 16, 0, 16);
  Table alone(Spec(), 16, 0, 16);
  const auto first = Ordered({1, 2, 3}), second = Ordered({2, 3, 4}), third = Ordered({1, 4});
  (void)Pull(&pulled, first);
  (void)Pull(&pulled, second);
  RefusedGradients refused;
  std::uint64_t t = 0;
  for (const auto* keys : {&second, &third, &first, &second}) {
    std::vector<float> gradients(keys->size() * 2, static_cast<float>(++t));
    gradients[1] = 0.25F;
    ASSERT_TRUE(pulled.Push(*keys, gradients, t, &refused).ok());
    ASSERT_TRUE(alone.Push(*keys, gradients, t, &refused).ok());
  }
  const auto all = Ordered({1, 2, 3, 4});
  EXPECT_EQ(Pull(&pulled, all), Pull(&alone, all));
  pulled.Clear();
  ASSERT_TRUE(pulled.Push(first, std::vector<float>(6, 1), 1, &refused).ok());
  EXPECT_EQ(pulled.rows(), 3U);
}

}  // namespace
}  // namespace rookery
