#include "models/grouped_auc.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "common/hash.h"
#include "common/random.h"
#include "models/score_bins.h"

namespace rookery {
namespace {

using ::testing::HasSubstr;

struct Example {
  Key group;
  float score, label, weight;
};
using Examples = std::vector<Example>;

Examples Draw(std::uint64_t seed, std::size_t count, std::uint64_t groups) {
  Random random(seed, Purpose::kTest);
  Examples examples;
  for (std::size_t i = 0; i < count; ++i) {
    const float score = random.NextFloat();
    examples.push_back({random.NextBelow(groups) + random.NextBelow(groups) / 2, score,
                        random.NextFloat() < score * score ? 1.0F : 0.0F,
                        static_cast<float>(1 + random.NextBelow(4)) / 2});
  }
  return examples;
}

void AddAll(const Examples& examples, GroupedAuc* sums) {
  for (const Example& one : examples) sums->Add(one.group, one.score, one.label, one.weight);
}

// Over all pairs of a positive and a negative example of a group, ties count half. `groups`: of how
// many groups.
double Reference(const Examples& examples, std::size_t* groups) {
  std::map<Key, Examples> by_group;
  for (const Example& one : examples) by_group[one.group].push_back(one);
  double sum = 0, weights = 0;
  *groups = 0;
  for (const auto& [key, members] : by_group) {
    double right = 0, pairs = 0, weight = 0;
    for (const Example& a : members) {
      weight += a.weight;
      for (const Example& b : members) {
        if (a.label < 0.5F || b.label > 0.5F) continue;
        const double pair = double{a.weight} * b.weight;
        pairs += pair;
        right += a.score > b.score ? pair : a.score == b.score ? pair / 2 : 0;
      }
    }
    if (pairs == 0) continue;
    ++*groups;
    sum += weight * right / pairs;
    weights += weight;
  }
  return sum / weights;
}

// Group 1: the positives .9 and .3 beat .5 and .1 in 3 of 4 pairs. Group 2: one pair, tied, of
// weights 2 and 1. Group 3 has one class.
TEST(GroupedAuc, IsThatComputedByHand) {
  GroupedAuc sums;
  EXPECT_EQ(sums.Values().at("gauc_groups"), 0);
  AddAll({{1, .9F, 1, 1}, {2, .4F, 1, 2}, {1, .5F, 0, 1}, {1, .3F, 1, 1}, {3, .7F, 0, 1}}, &sums);
  AddAll({{2, .4F, 0, 1}, {1, .1F, 0, 1}, {3, .2F, 0, 1}}, &sums);
  const auto values = sums.Values();
  EXPECT_DOUBLE_EQ(values.at("gauc"), (4 * .75 + 3 * .5) / 7);
  EXPECT_EQ(values.at("gauc_groups"), 2);
}

TEST(GroupedAuc, WithoutAGroupOfBothClassesThereIsNone) {
  GroupedAuc sums;
  AddAll({{1, .9F, 1, 1}, {2, .5F, 0, 1}}, &sums);
  AddAll({{1, NAN, 0, 1}, {1, .5F, NAN, 1}, {1, .5F, 0, INFINITY}, {1, .5F, 0, 0}}, &sums);
  EXPECT_EQ(sums.Values(), (std::map<std::string, double>{{"gauc_groups", 0}}));
}

TEST(GroupedAuc, IsThatOfAllPairs) {
  for (const std::uint64_t groups : {1U, 7U, 400U}) {
    Examples examples = Draw(groups, 2000, groups);
    // No two scores of one bin, but for those that are equal.
    for (Example& one : examples) {
      one.score = static_cast<float>(ScoreBinOf(one.score)) / static_cast<float>(kScoreBins);
    }
    GroupedAuc sums;
    AddAll(examples, &sums);
    std::size_t counted = 0;
    EXPECT_NEAR(sums.Values().at("gauc"), Reference(examples, &counted), 1e-12) << groups;
    EXPECT_EQ(sums.Values().at("gauc_groups"), counted) << groups;
  }
}

// With room for all, and with room for some, for one and for none of the groups.
TEST(GroupedAuc, OfThreePartsIsThatOfOne) {
  const Examples examples = Draw(8, 12000, 300);
  for (const std::size_t room :
       {std::size_t{1} << 20U, std::size_t{5000}, std::size_t{60}, std::size_t{3}}) {
    GroupedAuc one(room);
    AddAll(examples, &one);
    const std::string bytes = one.Encode();
    // Uneven parts, so that each has its own threshold.
    std::vector<GroupedAuc> parts(3, GroupedAuc(room));
    for (std::size_t i = 0; i < examples.size(); ++i) {
      AddAll({examples[i]}, &parts[i % 10 == 0 ? 0 : i % 4 == 0 ? 1 : 2]);
    }
    std::vector<std::size_t> order = {0, 1, 2};
    do {
      GroupedAuc merged(room);
      for (const std::size_t part : order) {
        const auto decoded = GroupedAuc::Decode(parts[part].Encode(), room);
        ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
        merged.Merge(*decoded);
      }
      EXPECT_EQ(merged.Encode(), bytes) << room;
      EXPECT_EQ(merged.Values(), one.Values()) << room;
    } while (std::ranges::next_permutation(order).found);
  }
}

// The sample is of whole groups: the very numbers of the examples of those alone.
TEST(GroupedAuc, ASampleHasWholeGroups) {
  const Examples examples = Draw(9, 20000, 500);
  GroupedAuc all, some(8000);
  AddAll(examples, &all);
  AddAll(examples, &some);
  GroupedAuc quarter;  // some 5,000 examples, and a half would be 10,000
  for (const Example& one : examples) {
    if (MixKey(one.group) >> 62U == 0) AddAll({one}, &quarter);
  }
  EXPECT_EQ(some.Values(), quarter.Values());
  EXPECT_NEAR(some.Values().at("gauc"), all.Values().at("gauc"), 0.03);
}

TEST(GroupedAuc, IsReadBackOrRefused) {
  GroupedAuc sums(40);
  AddAll(Draw(10, 200, 20), &sums);
  const std::string bytes = sums.Encode();
  const auto refusal = [](const std::string& text, std::size_t room = 40) {
    return GroupedAuc::Decode(text, room).status().ToString();
  };
  ASSERT_GT(bytes.size(), 8U + 2 * 28);
  EXPECT_NE(bytes[0], 0);  // a threshold was needed
  EXPECT_EQ(refusal(bytes), "ok");
  EXPECT_EQ(GroupedAuc::Decode(bytes, 40)->Encode(), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(refusal(bytes.substr(0, size)), "ok") << size;
  }
  EXPECT_THAT(refusal(bytes + "x"), HasSubstr("bytes follow"));
  EXPECT_THAT(refusal(bytes, 1), HasSubstr("entries announced"));
  const auto changed = [&bytes](std::size_t at, const std::string& to) {
    std::string text = bytes;
    return text.replace(at, to.size(), to);
  };
  const std::string ones(8, '\xff');
  EXPECT_THAT(refusal(changed(0, "A")), HasSubstr("level 65"));
  EXPECT_THAT(refusal(changed(4, ones.substr(4))), HasSubstr("4294967295 entries announced"));
  EXPECT_THAT(refusal(changed(8, ones)), HasSubstr("entry 0 is out"));  // its group
  EXPECT_THAT(refusal(changed(8 + 28, bytes.substr(8, 12))), HasSubstr("entry 1 is out"));  // twice
  EXPECT_THAT(refusal(changed(8 + 8, ones.substr(4))), HasSubstr("entry 0 is out"));  // its bin
  EXPECT_THAT(refusal(changed(8 + 12, std::string(16, '\0'))), HasSubstr("counts nothing"));
}

}  // namespace
}  // namespace rookery
