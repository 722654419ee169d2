#include "ps/recent_rows.h"

#include <gtest/gtest.h>

#include <vector>

namespace rookery {
namespace {

float* Row(std::size_t i) {
  static float rows[64];
  return rows + i;
}

void Remember(RecentRows* recent, const std::vector<Key>& keys, std::size_t first) {
  const std::span<float*> rows = recent->Remember(keys);
  ASSERT_EQ(rows.size(), keys.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = Row(first + i);
}

TEST(RecentRows, KnowsExactlyTheKeysOfAPull) {
  RecentRows recent;
  Remember(&recent, {7, 3, 9}, 0);
  const auto rows = recent.Find(std::vector<Key>{7, 3, 9});
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0], Row(0));
  EXPECT_EQ(rows[2], Row(2));
  EXPECT_TRUE(recent.Find(std::vector<Key>{7, 3}).empty());
  EXPECT_TRUE(recent.Find(std::vector<Key>{7, 3, 9, 1}).empty());
  EXPECT_TRUE(recent.Find(std::vector<Key>{7, 4, 9}).empty());
  EXPECT_TRUE(recent.Find(std::vector<Key>{3, 7, 9}).empty());
}

TEST(RecentRows, TheOldestPullGoesFirst) {
  RecentRows recent;
  for (std::size_t pull = 0; pull <= RecentRows::kPulls; ++pull) {
    Remember(&recent, {pull, pull + 1}, 2 * pull);
  }
  EXPECT_TRUE(recent.Find(std::vector<Key>{0, 1}).empty());
  for (std::size_t pull = 1; pull <= RecentRows::kPulls; ++pull) {
    const auto rows = recent.Find(std::vector<Key>{pull, pull + 1});
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[1], Row(2 * pull + 1));
  }
  EXPECT_GE(recent.bytes(), RecentRows::kPulls * 2 * (sizeof(Key) + sizeof(float*)));
  recent.Forget();
  EXPECT_TRUE(recent.Find(std::vector<Key>{2, 3}).empty());
  EXPECT_EQ(recent.bytes(), 0U);
}

}  // namespace
}  // namespace rookery
