#include "models/ranking_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace rookery {
namespace {

constexpr double kFixed = 1e-11;  // rounding of the sums

// Wanted 3, found at ranks 2, 5 and 11.
TEST(RankingSums, AreThoseComputedByHand) {
  RankingSums sums;
  const std::vector<std::uint32_t> ranks = {2, 5, 11};
  sums.Add(ranks, 3);
  const auto values = sums.Values();
  EXPECT_EQ(values.size(), 21U);
  EXPECT_NEAR(values.at("recall@5"), 2.0 / 3, kFixed);
  EXPECT_NEAR(values.at("recall@10"), 2.0 / 3, kFixed);
  EXPECT_NEAR(values.at("recall@20"), 1, kFixed);
  EXPECT_NEAR(values.at("precision@5"), 2.0 / 5, kFixed);
  EXPECT_NEAR(values.at("precision@20"), 3.0 / 20, kFixed);
  EXPECT_NEAR(values.at("hr@5"), 1, kFixed);
  EXPECT_NEAR(values.at("mrr@5"), 0.5, kFixed);
  const double best = 1 + 1 / std::log2(3.0) + 0.5;
  EXPECT_NEAR(values.at("ndcg@10"), (1 / std::log2(3.0) + 1 / std::log2(6.0)) / best, kFixed);
  EXPECT_NEAR(values.at("map@10"), (1.0 / 2 + 2.0 / 5) / 3, kFixed);
  EXPECT_NEAR(values.at("f1@5"), 1 / ((5.0 / 2 + 3.0 / 2) / 2), kFixed);
  EXPECT_NEAR(values.at("f1@20"), 1 / ((20.0 / 3 + 1) / 2), kFixed);
  EXPECT_NEAR(values.at("map@20"), (1.0 / 2 + 2.0 / 5 + 3.0 / 11) / 3, kFixed);
}

// Items 0 to 3 are had by 8, 4, 2 and 1 of 8 users: 0, 1, 2 and 3 bits.
TEST(RankingSums, ListsCoverItemsAndHaveNovelty) {
  const std::vector<std::uint32_t> users_of = {8, 4, 2, 1};
  RankingSums sums, other;
  sums.Add({}, 1);
  EXPECT_EQ(sums.Values().count("coverage@10"), 0U);
  sums.AddList(std::vector<std::uint32_t>{0, 2}, users_of, 8);
  other.AddList(std::vector<std::uint32_t>{2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 1}, users_of, 8);
  sums.Merge(other);
  const auto values = sums.Values();
  EXPECT_NEAR(values.at("coverage@10"), 0.75, kFixed);  // the eleventh does not count
  EXPECT_NEAR(values.at("novelty@10"), (0 + 2 + 2 + 3) / 12.0, kFixed);
  const auto again = RankingSums::Decode(sums.Encode());
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(again->Values(), values);
  std::string bytes = sums.Encode();
  bytes.back() = '\x10';  // the top of the only word: item 60
  EXPECT_FALSE(RankingSums::Decode(bytes).ok());
  EXPECT_FALSE(RankingSums::Decode(bytes + "12345678").ok());
  RankingSums none;
  none.AddList({}, {}, 0);
  bytes = none.Encode();
  bytes[bytes.size() - 24] = 1;  // the number of items in lists
  EXPECT_THAT(RankingSums::Decode(bytes).status().message(), testing::HasSubstr("no items"));
}

// The ideal ranking and the average precision are of min(wanted, k) items.
TEST(RankingSums, AreOneForAPerfectRanking) {
  RankingSums sums;
  std::vector<std::uint32_t> ranks;
  for (std::uint32_t r = 1; r <= 20; ++r) ranks.push_back(r);
  sums.Add(ranks, 40);
  const auto values = sums.Values();
  for (const char* name : {"precision@5", "hr@10", "mrr@20", "ndcg@5", "ndcg@20", "map@10"}) {
    EXPECT_NEAR(values.at(name), 1, kFixed) << name;
  }
  EXPECT_NEAR(values.at("recall@10"), 0.25, kFixed);
}

TEST(RankingSums, AreTheMeanOverUsersInAnyOrder) {
  RankingSums all;
  RankingSums parts[2];
  for (std::uint32_t user = 0; user < 100; ++user) {
    std::vector<std::uint32_t> ranks;
    for (std::uint32_t r = 1 + user % 7; r <= 20; r += 3 + user % 5) ranks.push_back(r);
    all.Add(ranks, ranks.size() + user % 3);
    parts[user % 2].Add(ranks, ranks.size() + user % 3);
  }
  parts[1].Merge(parts[0]);
  EXPECT_EQ(parts[1].Encode(), all.Encode());
  EXPECT_EQ(parts[1].users(), 100U);
  RankingSums two;
  two.Add(std::vector<std::uint32_t>{1}, 1);
  two.Add({}, 2);
  EXPECT_NEAR(two.Values().at("recall@5"), 0.5, kFixed);
  EXPECT_NEAR(two.Values().at("mrr@20"), 0.5, kFixed);
  EXPECT_NEAR(two.Values().at("f1@5"), 2.0 / (5 + 1) / 2, kFixed);  // not of the mean precision
  EXPECT_TRUE(RankingSums().Values().empty());
}

TEST(RankingSums, AreReadBackOrRefused) {
  RankingSums sums;
  sums.Add(std::vector<std::uint32_t>{1, 4}, 9);
  const std::string bytes = sums.Encode();
  EXPECT_TRUE(RankingSums::Is(bytes));
  const auto again = RankingSums::Decode(bytes);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->Encode(), bytes);
  EXPECT_FALSE(RankingSums::Decode(bytes.substr(1)).ok());
  EXPECT_FALSE(RankingSums::Decode(bytes + "x").ok());
  EXPECT_FALSE(RankingSums::Is(""));
  for (const std::size_t at : {0U, 11U, 17U, 27U}) {  // mark, users, a sum too large, negative
    std::string wrong = bytes;
    wrong[at] = static_cast<char>(0x80 | 0x7f);
    EXPECT_FALSE(RankingSums::Decode(wrong).ok()) << at;
  }
}

}  // namespace
}  // namespace rookery
