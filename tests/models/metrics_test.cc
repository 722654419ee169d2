#include "models/metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "common/random.h"

namespace rookery {
namespace {

using Floats = std::vector<float>;

// Mann-Whitney by sorting, ties count half.
double ExactAuc(const Floats& scores, const Floats& labels) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  double area = 0, negatives = 0, positives = 0;
  for (std::size_t i = 0; i < order.size();) {
    double tied_positive = 0, tied_negative = 0;
    const float score = scores[order[i]];
    for (; i < order.size() && scores[order[i]] == score; ++i) {
      (labels[order[i]] > 0.5F ? tied_positive : tied_negative) += 1;
    }
    area += tied_positive * (negatives + tied_negative / 2);
    negatives += tied_negative;
    positives += tied_positive;
  }
  return area / (positives * negatives);
}

struct Examples {
  Floats scores, labels, weights;
};
Examples Draw(std::uint64_t seed, std::size_t count) {
  Random random(seed, Purpose::kTest);
  Examples examples;
  for (std::size_t i = 0; i < count; ++i) {
    const float score = random.NextFloat();
    examples.scores.push_back(score);
    examples.labels.push_back(random.NextFloat() < score ? 1.0F : 0.0F);
    examples.weights.push_back(random.NextFloat() * 3);
  }
  return examples;
}

TEST(Metrics, BinaryByHand) {
  MetricSums sums(TaskKind::kBinary);
  sums.Add(Floats{0.8F, 0.6F, 0.3F, 0.4F}, Floats{1, 0, 0, 1}, {});
  const auto values = sums.Values();
  EXPECT_EQ(sums.examples(), 4U);
  // Pairs: .8 beats both negatives, .4 beats .3 and loses to .6.
  EXPECT_DOUBLE_EQ(values.at("auc"), 0.75);
  EXPECT_NEAR(values.at("logloss"),
              -(std::log(.8) + std::log(1 - .6) + std::log(1 - .3) + std::log(.4)) / 4, 1e-6);
  EXPECT_NEAR(values.at("calibration"), 2.1 / 2, 1e-6);
  EXPECT_NEAR(values.at("ne"), values.at("logloss") / std::log(2.0), 1e-6);
  // Each example is the middle of its quarter: in tenths 2, 4, 7 and 9 of the order .3 .4 .6 .8.
  EXPECT_NEAR(values.at("ece"), (.3 + .6 + .6 + .2) / 4, 1e-5);
  EXPECT_EQ(values.count("calibration_2"), 0U);  // no positive
  EXPECT_NEAR(values.at("calibration_4"), .4, 1e-5);
  EXPECT_NEAR(values.at("calibration_9"), .8, 1e-5);
  EXPECT_DOUBLE_EQ(values.at("accuracy"), 0.5);
  EXPECT_DOUBLE_EQ(values.at("precision"), 0.5);
  EXPECT_DOUBLE_EQ(values.at("recall"), 0.5);
  EXPECT_DOUBLE_EQ(values.at("f1"), 0.5);
}

// Labels drawn by the score: every tenth is calibrated, and their means rise.
TEST(Metrics, CalibrationByTenths) {
  const Examples examples = Draw(7, 40000);
  MetricSums sums(TaskKind::kBinary);
  sums.Add(examples.scores, examples.labels, {});
  const auto values = sums.Values();
  for (int t = 1; t <= 10; ++t) {
    EXPECT_NEAR(values.at("calibration_" + std::to_string(t)), 1, t < 3 ? .2 : .06) << t;
  }
  EXPECT_LT(values.at("ece"), .01);
  Floats halves = examples.scores;
  for (float& score : halves) score /= 2;
  MetricSums low(TaskKind::kBinary);
  low.Add(halves, examples.labels, {});
  EXPECT_NEAR(low.Values().at("ece"), .25, .01);
  EXPECT_NEAR(low.Values().at("calibration_10"), .5, .02);
}

TEST(Metrics, RegressionByHandWithWeights) {
  MetricSums sums(TaskKind::kRegression);
  sums.Add(Floats{1, 5}, Floats{2, 2}, Floats{3, 1});
  const auto values = sums.Values();
  EXPECT_DOUBLE_EQ(values.at("mse"), (3 * 1 + 9) / 4.0);
  EXPECT_DOUBLE_EQ(values.at("rmse"), std::sqrt(3.0));
  EXPECT_DOUBLE_EQ(values.at("mae"), (3 * 1 + 3) / 4.0);
  EXPECT_EQ(values.size(), 3U);
}

TEST(Metrics, WithoutMeaningIsAbsent) {
  MetricSums sums(TaskKind::kBinary);
  EXPECT_TRUE(sums.Values().empty());
  sums.Add(Floats{0.1F, 0.2F}, Floats{0, 0}, {});
  const auto values = sums.Values();
  EXPECT_EQ(values.count("auc"), 0U);
  EXPECT_EQ(values.count("recall"), 0U);
  EXPECT_EQ(values.count("precision"), 0U);
  EXPECT_EQ(values.count("calibration"), 0U);
  EXPECT_DOUBLE_EQ(values.at("accuracy"), 1.0);
}

TEST(Metrics, NonFiniteIsCountedNotAdded) {
  MetricSums sums(TaskKind::kBinary);
  sums.Add(Floats{NAN, INFINITY, 0.9F}, Floats{1, 1, 1}, {});
  EXPECT_EQ(sums.non_finite(), 2U);
  EXPECT_EQ(sums.examples(), 1U);
  EXPECT_NEAR(sums.Values().at("logloss"), -std::log(0.9), 1e-6);
}

TEST(Metrics, HugeErrorsDoNotOverflow) {
  MetricSums sums(TaskKind::kRegression);
  sums.Add(Floats(1000, 3e38F), Floats(1000, -3e38F), {});
  EXPECT_DOUBLE_EQ(sums.Values().at("mse"), 0x1.0p62);
}

TEST(Metrics, AucIsCloseToExactOnRandomScores) {
  const Examples drawn = Draw(5, 100000);
  MetricSums sums(TaskKind::kBinary);
  sums.Add(drawn.scores, drawn.labels, {});
  EXPECT_NEAR(sums.Values().at("auc"), ExactAuc(drawn.scores, drawn.labels), 1e-4) << "seed 5";
}

TEST(Metrics, AucIsExactOnFewDistinctScores) {
  Examples drawn = Draw(6, 20000);
  for (float& score : drawn.scores) score = std::floor(score * 7) / 7;
  MetricSums sums(TaskKind::kBinary);
  sums.Add(drawn.scores, drawn.labels, {});
  EXPECT_NEAR(sums.Values().at("auc"), ExactAuc(drawn.scores, drawn.labels), 1e-12) << "seed 6";
}

TEST(Metrics, AnySplitMergesToTheWholeBitForBit) {
  const Examples drawn = Draw(7, 5000);
  for (const TaskKind task : {TaskKind::kBinary, TaskKind::kRegression}) {
    MetricSums whole(task);
    whole.Add(drawn.scores, drawn.labels, drawn.weights);
    Random random(8, Purpose::kTest);
    for (int trial = 0; trial < 5; ++trial) {
      std::vector<MetricSums> parts(4, MetricSums(task));
      for (std::size_t i = 0; i < drawn.scores.size(); ++i) {
        parts[random.NextBelow(parts.size())].Add({&drawn.scores[i], 1}, {&drawn.labels[i], 1},
                                                  {&drawn.weights[i], 1});
      }
      MetricSums merged(task);
      for (std::size_t p = parts.size(); p-- > 0;) merged.Merge(parts[p]);
      EXPECT_EQ(merged.Encode(), whole.Encode()) << "trial " << trial;
      EXPECT_EQ(merged.Values(), whole.Values()) << "trial " << trial;
    }
  }
}

// Small numbers are summed in 64 bits first, large ones are not.
TEST(Metrics, TheSumsOfManyAtOnceAreThoseOfEachAlone) {
  Examples examples = Draw(15, 10'000);
  Random random(16, Purpose::kTest);
  for (float& weight : examples.weights) {
    weight = std::ldexp(1 + random.NextFloat(), static_cast<int>(random.NextBelow(60)));
  }
  for (const TaskKind task : {TaskKind::kBinary, TaskKind::kRegression}) {
    MetricSums whole(task), one_by_one(task);
    whole.Add(examples.scores, examples.labels, examples.weights);
    for (std::size_t i = 0; i < examples.scores.size(); ++i) {
      one_by_one.Add(std::span(examples.scores).subspan(i, 1),
                     std::span(examples.labels).subspan(i, 1),
                     std::span(examples.weights).subspan(i, 1));
    }
    EXPECT_EQ(whole.Encode(), one_by_one.Encode()) << "seeds 15, 16";
  }
}

TEST(Metrics, ClearForgetsEverything) {
  MetricSums sums(TaskKind::kRegression);
  sums.Add(Floats{1}, Floats{2}, {});
  sums.Clear();
  EXPECT_EQ(sums.Encode(), MetricSums(TaskKind::kRegression).Encode());
}

std::string SmallBytes() {
  MetricSums sums(TaskKind::kBinary);
  sums.Add(Floats{0.8F, 0.6F, 0.3F, 0.4F}, Floats{1, 0, 0, 1}, {});
  return sums.Encode();
}

TEST(MetricsCodec, RoundTrip) {
  const Examples drawn = Draw(9, 3000);
  MetricSums sums(TaskKind::kBinary);
  sums.Add(drawn.scores, drawn.labels, drawn.weights);
  const auto decoded = MetricSums::Decode(sums.Encode());
  ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
  EXPECT_EQ(decoded->Encode(), sums.Encode());
  EXPECT_EQ(decoded->Values(), sums.Values());
  EXPECT_TRUE(MetricSums::Decode(MetricSums(TaskKind::kRegression).Encode()).ok());
}

TEST(MetricsCodec, EveryTruncationAndExtensionIsRefused) {
  const std::string bytes = SmallBytes();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(MetricSums::Decode(bytes.substr(0, size)).status().code(), Code::kCorrupt) << size;
  }
  EXPECT_EQ(MetricSums::Decode(bytes + '\0').status().code(), Code::kCorrupt);
}

TEST(MetricsCodec, HostileBytesNeverCrashAndBinsMustAddUp) {
  const std::string bytes = SmallBytes();
  const std::size_t bins_at = bytes.size() - 4 * 20;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const int flip : {1, 0x80, 0xff}) {
      std::string broken = bytes;
      broken[at] = static_cast<char>(broken[at] ^ flip);
      const auto decoded = MetricSums::Decode(broken);
      if (decoded.ok()) (void)decoded->Values();
      const bool in_counts = at >= bins_at && (at - bins_at) % 20 >= 4;
      if (at < 4 || in_counts) {
        EXPECT_FALSE(decoded.ok()) << "byte " << at << " ^ " << flip;
      }
    }
  }
  std::string many = bytes;
  const std::uint32_t huge = 0xffffffffU;
  std::memcpy(many.data() + bins_at - 4, &huge, 4);
  EXPECT_NE(MetricSums::Decode(many).status().message().find("4294967295 bins"), std::string::npos);
}

TEST(Metrics, Direction) {
  EXPECT_TRUE(*LargerIsBetter("auc"));
  EXPECT_FALSE(*LargerIsBetter("rmse"));
  const auto unknown = LargerIsBetter("acu");
  EXPECT_EQ(unknown.status().code(), Code::kInvalidInput);
  EXPECT_NE(unknown.status().message().find("'acu'; known: auc, "), std::string::npos);
}

}  // namespace
}  // namespace rookery
