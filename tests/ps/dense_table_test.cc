#include "ps/dense_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "common/random.h"
#include "tests/ps/testing/updater_reference.h"

namespace rookery {
namespace {

DenseSpec Spec(UpdaterKind kind = UpdaterKind::kSgd) {
  DenseSpec spec;
  spec.updater.kind = kind;
  spec.updater.learning_rate.rate = 0.5F;
  const auto block = [&](const char* name, std::uint32_t rows, std::uint32_t columns, float rate) {
    spec.blocks.push_back({name, rows, columns, spec.size(), {}, 0, rate});
  };
  block("tower.0.weight", 2, 2, 0);
  block("tower.0.bias", 1, 2, 0);
  block("tower.0.running_mean", 1, 2, 0.25F);
  return spec;
}

std::vector<float> Floats(std::span<const float> values) {
  return {values.begin(), values.end()};
}

TEST(DenseTable, L2SparesBiasesAndStatisticsMoveAlone) {
  DenseSpec spec = Spec();
  spec.updater.l2 = 1;
  spec.updater.clip_value = 2;
  DenseTable table(spec, std::vector<float>{1, 1, 1, 1, 1, 1, 8, 8}, 0, 8);
  ASSERT_TRUE(table.Apply(std::vector<float>{0, 1, 9, -9, 0, 1, 4, -8}, 1).ok());
  // weights: w - .5 (clip(g) + w); biases: w - .5 g; statistics: w - .25 g, not clipped
  EXPECT_EQ(Floats(table.weights()), (std::vector<float>{0.5F, 0, -0.5F, 1.5F, 1, 0.5F, 7, 10}));
}

TEST(DenseTable, ClipNormIsOfAllParameters) {
  DenseSpec spec = Spec();
  spec.updater.clip_norm = 1;
  DenseTable table(spec, std::vector<float>(8, 0.0F), 0, 8);
  ASSERT_TRUE(table.Apply(std::vector<float>{3, 0, 0, 0, 4, 0, 1000, 0}, 1).ok());  // norm 5
  EXPECT_FLOAT_EQ(table.weights()[0], -0.3F);
  EXPECT_FLOAT_EQ(table.weights()[4], -0.4F);
  EXPECT_EQ(table.weights()[6], -250);
}

TEST(DenseTable, RefusesAsAWholeAndNamesTheElement) {
  DenseTable table(Spec(), std::vector<float>(8, 1.0F), 1, 8);
  std::vector<float> g(7, 1.0F);
  g[4] = std::numeric_limits<float>::quiet_NaN();  // element 5 of the vector
  const Status status = table.Apply(g, 1);
  EXPECT_EQ(status.message(), "dense block 'tower.0.bias': gradient element 1 is nan");
  EXPECT_EQ(Floats(table.weights()), std::vector<float>(7, 1.0F));
}

// Ranges in any order, and cut anywhere, give the bits of the whole.
void ExpectRangesEqualTheWhole(UpdaterKind kind) {
  DenseSpec spec = Spec(kind);
  spec.updater.l2 = 0.1F;
  spec.updater.clip_norm = 1;
  Random random(3, Purpose::kTest);
  std::vector<float> values(8);
  for (float& value : values) value = random.NextFloat();
  DenseTable whole(spec, values, 0, 8);
  DenseTable parts(spec, values, 0, 8);
  for (std::uint64_t t = 1; t <= 5; ++t) {
    for (float& value : values) value = random.NextFloat() - 0.5F;
    ASSERT_TRUE(whole.Apply(values, t).ok());
    const auto step = parts.Prepare(values, t);
    ASSERT_TRUE(step.ok());
    parts.ApplyRange(*step, 5, 8);
    parts.ApplyRange(*step, 0, 3);
    parts.ApplyRange(*step, 3, 3);
    parts.ApplyRange(*step, 3, 5);
    EXPECT_EQ(Floats(parts.weights()), Floats(whole.weights()));
    EXPECT_EQ(Floats(parts.state()), Floats(whole.state()));
  }
  values[7] = std::numeric_limits<float>::infinity();
  EXPECT_FALSE(parts.Prepare(values, 6).ok());
}

TEST(DenseTable, RangesEqualTheWhole) {
  ExpectRangesEqualTheWhole(UpdaterKind::kAdam);
  ExpectRangesEqualTheWhole(UpdaterKind::kLamb);
}

// Each weight block is a row of its own to lamb, a bias is trusted 1, a statistic moves alone.
TEST(DenseTable, LambTrustsBlockByBlock) {
  DenseSpec spec = Spec(UpdaterKind::kLamb);
  spec.updater.learning_rate.rate = 0.1F;
  spec.updater.weight_decay = 0.5F;
  const std::uint64_t more = spec.size();
  spec.blocks.push_back({"big.weight", 100, 90, more, {}, 0, 0});  // several pieces of the rule's
  spec.updater.clip_norm = 5;
  Random random(4, Purpose::kTest);
  std::vector<float> initial(spec.size());
  for (float& x : initial) x = static_cast<float>(random.NextNormal());
  DenseTable table(spec, initial, 0, spec.size());
  UpdaterSpec plain = spec.updater;
  plain.clip_norm = 0;
  ReferenceRow small(plain, std::span(initial).first(4));
  ReferenceRow big(plain, std::span(initial).subspan(more));
  for (std::uint64_t t = 1; t <= 5; ++t) {
    std::vector<float> g(spec.size());
    double squares = 0;
    for (std::size_t i = 0; i < g.size(); ++i) {
      g[i] = static_cast<float>(random.NextNormal());
      if (i < 6 || i >= more) squares += static_cast<double>(g[i]) * g[i];
    }
    ASSERT_TRUE(table.Apply(g, t).ok());
    std::vector<double> clipped(g.begin(), g.end());
    for (double& x : clipped) x *= 5 / std::sqrt(squares);
    ReferenceStep(plain, &small, {clipped.begin(), clipped.begin() + 4}, t);
    ReferenceStep(plain, &big, {clipped.begin() + static_cast<std::ptrdiff_t>(more), clipped.end()},
                  t);
    if (t > 1) continue;
    for (std::size_t i = 4; i < 6; ++i) {  // no decay, no ratio: the rate and the sign
      EXPECT_NEAR(table.weights()[i], initial[i] - std::copysign(0.1F, g[i]), 1e-5);
    }
    EXPECT_EQ(table.weights()[6], initial[6] - 0.25F * g[6]);
  }
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(table.weights()[i], small.w[i], 1e-5) << i;
  for (std::size_t i = 0; i < 9000; ++i) {
    EXPECT_NEAR(table.weights()[more + i], big.w[i], 1e-5 * std::max(1.0, std::fabs(big.w[i])));
  }
}

// Segments that begin and end inside blocks give the bits of the whole.
TEST(DenseTable, SegmentsEqualTheWhole) {
  for (int kind = 0; kind <= 6; ++kind) {  // all but lamb, which has no segments
    DenseSpec spec;
    spec.updater.kind = static_cast<UpdaterKind>(kind);
    spec.updater.l2 = 0.01F;
    spec.updater.weight_decay = 0.1F;
    spec.updater.catch_up = true;  // means nothing here
    spec.blocks = {{"a.weight", 50, 60, 0, {}, 0, 0},
                   {"a.bias", 1, 60, 3000, {}, 0, 0},
                   {"b.weight", 70, 30, 3060, {}, 0, 0}};
    const std::uint64_t size = spec.size();
    Random random(3, Purpose::kTest);
    std::vector<float> initial(size), g(size);
    for (float& x : initial) x = static_cast<float>(random.NextNormal());
    DenseTable whole(spec, initial, 0, size);
    DenseTable low(spec, initial, 0, size / 3);
    DenseTable high(spec, initial, size / 3, size);
    for (std::uint64_t t = 1; t <= 3; ++t) {
      for (float& x : g) x = static_cast<float>(random.NextNormal());
      ASSERT_TRUE(whole.Apply(g, t).ok());
      ASSERT_TRUE(low.Apply(std::span(g).first(size / 3), t).ok());
      ASSERT_TRUE(high.Apply(std::span(g).subspan(size / 3), t).ok());
    }
    auto joined = Floats(low.weights());
    joined.insert(joined.end(), high.weights().begin(), high.weights().end());
    EXPECT_EQ(joined, Floats(whole.weights())) << UpdaterName(spec.updater.kind);
  }
}

TEST(DenseTable, SaveRestoreContinueIsBitEqual) {
  const DenseSpec spec = Spec(UpdaterKind::kAdam);
  DenseTable table(spec, std::vector<float>(8, 0.5F), 0, 8);
  ASSERT_EQ(table.state().size(), 16U);
  const std::vector<float> g{1, -2, 3, -4, 5, -6, 7, -8};
  ASSERT_TRUE(table.Apply(g, 1).ok());
  DenseTable copy(spec, std::vector<float>(8, 0.0F), 0, 8);
  ASSERT_TRUE(copy.Restore(table.weights(), table.state()).ok());
  ASSERT_TRUE(table.Apply(g, 2).ok());
  ASSERT_TRUE(copy.Apply(g, 2).ok());
  EXPECT_EQ(Floats(copy.weights()), Floats(table.weights()));
  EXPECT_EQ(Floats(copy.state()), Floats(table.state()));
  EXPECT_EQ(copy.Restore(table.weights().first(7), table.state()).code(), Code::kCorrupt);
}

TEST(DenseTable, StateStartsAtTheInitialAccumulator) {
  DenseSpec spec = Spec(UpdaterKind::kFtrl);
  spec.updater.initial_accumulator = 2;
  const DenseTable table(spec, std::vector<float>(8, 0.5F), 2, 5);
  EXPECT_EQ(Floats(table.state()), (std::vector<float>{0, 0, 0, 2, 2, 2}));
}

}  // namespace
}  // namespace rookery
