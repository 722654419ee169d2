#include "models/seen_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/random.h"

namespace rookery {
namespace {

using ::testing::HasSubstr;
using Floats = std::vector<float>;
using Bytes = std::vector<std::uint8_t>;

const std::vector<std::string> kNames = {"click", "buy"};

TEST(SeenMetrics, ByHand) {
  SeenMetrics metrics(TaskKind::kBinary, 1, 2);
  const Floats scores = {.9F, .2F, .4F, .6F, .5F}, labels = {1, 0, 1, 0, 1};
  metrics.Add(0, Bytes{1, 1, 0, 0, 0}, scores, labels, {});
  metrics.Add(1, Bytes{1, 1, 1, 1, 1}, scores, labels, {});
  const std::vector<std::string> name = {"click"};
  EXPECT_EQ(metrics.of(0, true).examples(), 2U);
  EXPECT_EQ(metrics.of(0, true).Values(name).at("auc"), 1);
  EXPECT_EQ(metrics.of(0, false).examples(), 3U);
  EXPECT_EQ(metrics.of(0, false).Values(name).at("auc"), 0);  // .4 and .5 below .6
  EXPECT_NEAR(metrics.of(0, false).Values(name).at("logloss"),
              -(std::log(.4) + std::log(1 - .6) + std::log(.5)) / 3, 1e-7);
  EXPECT_EQ(metrics.of(1, true).examples(), 5U);
  EXPECT_EQ(metrics.of(1, true).Values(name).at("auc"), 4.0 / 6);
  EXPECT_EQ(metrics.of(1, false).examples(), 0U);
  EXPECT_TRUE(metrics.of(1, false).Values(name).empty());
}

// What Add and LabelMetrics::Add are given, of two labels and one feature.
struct Examples {
  Bytes seen;
  Floats scores, labels, weights;
};

Examples Draw(std::uint64_t seed, std::size_t count) {
  Random random(seed, Purpose::kTest);
  Examples examples;
  for (std::size_t i = 0; i < count; ++i) {
    examples.seen.push_back(random.NextBelow(3) == 0 ? 1 : 0);
    examples.weights.push_back(random.NextBelow(2) == 0 ? 2 : 1);
    for (int k = 0; k < 2; ++k) {
      examples.scores.push_back(random.NextFloat());
      examples.labels.push_back(random.NextBelow(5) == 0 ? NAN
                                                         : static_cast<float>(random.NextBelow(2)));
    }
  }
  return examples;
}

void Add(const Examples& examples, SeenMetrics* metrics) {
  metrics->Add(0, examples.seen, examples.scores, examples.labels, examples.weights);
}

TEST(SeenMetrics, AGroupHasTheMetricsOfItsExamplesAlone) {
  const Examples examples = Draw(3, 400);
  SeenMetrics metrics(TaskKind::kBinary, 2, 1);
  Add(examples, &metrics);
  for (const bool seen : {false, true}) {
    LabelMetrics alone(TaskKind::kBinary, 2);
    for (std::size_t i = 0; i < examples.seen.size(); ++i) {
      if ((examples.seen[i] != 0) != seen) continue;
      alone.Add({&examples.scores[2 * i], 2}, {&examples.labels[2 * i], 2},
                {&examples.weights[i], 1});
    }
    EXPECT_EQ(metrics.of(0, seen).Encode(), alone.Encode());
    EXPECT_GT(alone.examples(), 100U);
  }
}

TEST(SeenMetrics, MergeAndBytes) {
  const Examples a = Draw(4, 300), b = Draw(5, 200);
  SeenMetrics all(TaskKind::kBinary, 2, 1), one(TaskKind::kBinary, 2, 1),
      two(TaskKind::kBinary, 2, 1);
  for (const Examples* part : {&a, &b}) Add(*part, &all);
  Add(a, &one);
  Add(b, &two);
  const std::string bytes = two.Encode("those of all");
  ASSERT_TRUE(SeenMetrics::Is(bytes));
  auto decoded = SeenMetrics::Decode(bytes, TaskKind::kBinary, 2, 1);
  ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
  EXPECT_EQ(decoded->all, "those of all");
  decoded->seen.Merge(one);
  EXPECT_EQ(decoded->seen.Encode("x"), all.Encode("x"));
}

TEST(SeenMetrics, WithoutFeaturesTheBytesAreThoseOfAll) {
  const std::string all = LabelMetrics(TaskKind::kBinary, 1).Encode();
  EXPECT_EQ(SeenMetrics(TaskKind::kBinary, 1, 0).Encode(all), all);
  EXPECT_FALSE(SeenMetrics::Is(all));
  EXPECT_FALSE(SeenMetrics::Is(LabelMetrics(TaskKind::kBinary, 2).Encode()));
  EXPECT_FALSE(SeenMetrics::Is("SEE"));
}

TEST(SeenMetrics, DecodeRefusesWhatIsNotTheirs) {
  const std::string bytes = SeenMetrics(TaskKind::kBinary, 1, 1).Encode("all");
  const auto refusal = [](std::string_view text, TaskKind task, std::size_t labels,
                          std::size_t features) {
    return SeenMetrics::Decode(text, task, labels, features).status().ToString();
  };
  EXPECT_EQ(refusal(bytes, TaskKind::kBinary, 1, 1), "ok");
  EXPECT_THAT(refusal(bytes, TaskKind::kRegression, 1, 1), HasSubstr("another task"));
  EXPECT_THAT(refusal(bytes, TaskKind::kBinary, 2, 1), HasSubstr("not of 2 labels"));
  EXPECT_THAT(refusal(bytes, TaskKind::kBinary, 1, 2), HasSubstr("they end early"));
  EXPECT_THAT(refusal(bytes, TaskKind::kBinary, 1, 0), HasSubstr("bytes too many"));
  for (std::size_t cut = 4; cut < bytes.size(); ++cut) {
    EXPECT_NE(refusal(bytes.substr(0, cut), TaskKind::kBinary, 1, 1), "ok") << cut;
  }
}

}  // namespace
}  // namespace rookery
