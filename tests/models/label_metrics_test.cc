#include "models/label_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/random.h"

namespace rookery {
namespace {

using ::testing::HasSubstr;
using Floats = std::vector<float>;

const std::vector<std::string> kNames = {"click", "buy"};

struct Examples {
  Floats scores, labels, weights;
};

Examples Draw(std::uint64_t seed, std::size_t count) {
  Random random(seed, Purpose::kTest);
  Examples examples;
  for (std::size_t i = 0; i < count; ++i) {
    examples.weights.push_back(random.NextBelow(2) ? 2 : 1);
    for (int k = 0; k < 2; ++k) {
      examples.scores.push_back(random.NextFloat());
      examples.labels.push_back(random.NextBelow(5) == 0 ? NAN : random.NextBelow(2) ? 1 : 0);
    }
  }
  return examples;
}

TEST(LabelMetrics, EachLabelHasThoseOfItsOwnExamples) {
  const Examples examples = Draw(3, 500);
  LabelMetrics metrics(TaskKind::kBinary, 2);
  metrics.Add(examples.scores, examples.labels, examples.weights);
  const auto values = metrics.Values(kNames);
  for (std::size_t k = 0; k < 2; ++k) {
    MetricSums alone(TaskKind::kBinary);
    for (std::size_t i = k; i < examples.scores.size(); i += 2) {
      if (std::isnan(examples.labels[i])) continue;
      alone.Add({&examples.scores[i], 1}, {&examples.labels[i], 1}, {&examples.weights[i / 2], 1});
    }
    for (const auto& [name, value] : alone.Values()) {
      EXPECT_EQ(values.at(k == 0 ? name : "buy:" + name), value) << k << name;
    }
  }
  EXPECT_EQ(values.size(), 2 * (values.size() / 2));
  EXPECT_LT(metrics.examples(), 500U);
}

TEST(LabelMetrics, MergeAndBytes) {
  const Examples a = Draw(4, 300), b = Draw(5, 200);
  LabelMetrics all(TaskKind::kBinary, 2), one(TaskKind::kBinary, 2), two(TaskKind::kBinary, 2);
  for (const Examples* part : {&a, &b}) all.Add(part->scores, part->labels, part->weights);
  one.Add(a.scores, a.labels, a.weights);
  two.Add(b.scores, b.labels, b.weights);
  auto decoded = LabelMetrics::Decode(two.Encode(), TaskKind::kBinary, 2);
  ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
  decoded->Merge(one);
  EXPECT_EQ(decoded->Encode(), all.Encode());
  EXPECT_EQ(decoded->Values(kNames), all.Values(kNames));
}

TEST(LabelMetrics, OneLabelIsMetricSums) {
  const Floats scores = {.9F, .2F, .4F}, labels = {1, 0, NAN};
  LabelMetrics metrics(TaskKind::kBinary, 1);
  metrics.Add(scores, labels, {});
  MetricSums sums(TaskKind::kBinary);
  sums.Add(std::span(scores).first(2), std::span(labels).first(2), {});
  EXPECT_EQ(metrics.Encode(), sums.Encode());
  EXPECT_EQ(metrics.examples(), 2U);
}

// Every third example is in no group.
FeatureColumn GroupsOf(std::size_t examples, std::uint64_t seed) {
  Random random(seed, Purpose::kTest);
  FeatureColumn group;
  group.offsets = {0};
  for (std::size_t i = 0; i < examples; ++i) {
    if (i % 3 != 0) group.keys.push_back(random.NextBelow(5));
    group.offsets.push_back(static_cast<std::uint32_t>(group.keys.size()));
  }
  return group;
}

TEST(LabelMetrics, GroupsAreOfEachLabel) {
  const Examples examples = Draw(6, 300);
  const FeatureColumn group = GroupsOf(300, 7);
  LabelMetrics metrics(TaskKind::kBinary, 2);
  metrics.Add(examples.scores, examples.labels, examples.weights);
  const auto without = metrics.Values(kNames);
  metrics.AddGroups(examples.scores, examples.labels, examples.weights, group);
  auto values = metrics.Values(kNames);
  for (std::size_t k = 0; k < 2; ++k) {
    GroupedAuc alone;
    for (std::size_t i = 0; i < 300; ++i) {
      if (i % 3 == 0) continue;
      alone.Add(group.keys[group.offsets[i]], examples.scores[2 * i + k],
                examples.labels[2 * i + k], examples.weights[i]);
    }
    for (const auto& [name, value] : alone.Values()) {
      const std::string full = k == 0 ? name : "buy:" + name;
      EXPECT_EQ(values.at(full), value) << full;
      values.erase(full);
    }
  }
  EXPECT_EQ(values, without);
  metrics.Clear();
  EXPECT_EQ(metrics.Encode(), LabelMetrics(TaskKind::kBinary, 2).Encode());
}

TEST(LabelMetrics, GroupsMergeAndAreReadBackOrRefused) {
  for (const std::size_t labels : {1U, 2U}) {
    const Examples a = Draw(4, 60), b = Draw(5, 90);
    const FeatureColumn a_group = GroupsOf(120 / labels, 6), b_group = GroupsOf(180 / labels, 7);
    const auto add = [](const Examples& part, const FeatureColumn& group, LabelMetrics* metrics) {
      metrics->Add(part.scores, part.labels, {});
      metrics->AddGroups(part.scores, part.labels, {}, group);
    };
    LabelMetrics all(TaskKind::kBinary, labels), one = all, two = all;
    add(a, a_group, &all);
    add(b, b_group, &all);
    add(a, a_group, &one);
    add(b, b_group, &two);
    LabelMetrics merged(TaskKind::kBinary, labels);
    merged.Merge(LabelMetrics(TaskKind::kBinary, labels));  // a worker without examples
    for (const LabelMetrics* part : {&two, &one}) {
      const auto decoded = LabelMetrics::Decode(part->Encode(), TaskKind::kBinary, labels);
      ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
      merged.Merge(*decoded);
    }
    const std::string bytes = all.Encode();
    EXPECT_EQ(merged.Encode(), bytes);
    const auto refusal = [&](std::string_view text, TaskKind task, std::size_t count) {
      return LabelMetrics::Decode(text, task, count).status().ToString();
    };
    EXPECT_THAT(refusal(bytes, TaskKind::kRegression, labels), HasSubstr("in a regression"));
    EXPECT_NE(refusal(bytes, TaskKind::kBinary, labels + 1), "ok");
    EXPECT_THAT(refusal(bytes + "x", TaskKind::kBinary, labels), HasSubstr("1 bytes too many"));
    for (std::size_t cut = 0; cut < bytes.size(); cut += 7) {
      EXPECT_NE(refusal(std::string_view(bytes).substr(0, cut), TaskKind::kBinary, labels), "ok");
    }
  }
}

TEST(LabelMetrics, DecodeRefusesWhatIsNotTheirs) {
  LabelMetrics metrics(TaskKind::kBinary, 2);
  const std::string bytes = metrics.Encode();
  const auto refusal = [](std::string_view text, TaskKind task, std::size_t labels) {
    return LabelMetrics::Decode(text, task, labels).status().ToString();
  };
  EXPECT_EQ(refusal(bytes, TaskKind::kBinary, 2), "ok");
  EXPECT_THAT(refusal(bytes, TaskKind::kRegression, 2), HasSubstr("another task"));
  EXPECT_THAT(refusal(bytes, TaskKind::kBinary, 3), HasSubstr("end early"));
  EXPECT_THAT(refusal(bytes, TaskKind::kBinary, 1), HasSubstr("version"));
  EXPECT_THAT(refusal(bytes + "x", TaskKind::kBinary, 2), HasSubstr("1 bytes too many"));
  EXPECT_THAT(refusal(MetricSums(TaskKind::kBinary).Encode(), TaskKind::kBinary, 2),
              HasSubstr("not of 2 labels"));
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    EXPECT_NE(refusal(bytes.substr(0, cut), TaskKind::kBinary, 2), "ok") << cut;
  }
}

}  // namespace
}  // namespace rookery
