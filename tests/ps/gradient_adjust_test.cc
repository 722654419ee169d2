// Delay compensation and CowClip against numbers by hand.
#include "ps/gradient_adjust.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "ps/table.h"
#include "tests/ps/testing/keys.h"

namespace rookery {
namespace {

TEST(GradientAdjust, DelayCompensationByHand) {
  const std::vector<float> weights = {1, 2, -1};
  const std::vector<float> pulled = {0, 2, 1};
  std::vector<float> g = {4, 5, -3};
  CompensateDelay(0.5F, weights.data(), pulled.data(), g);
  // 4 + .5 * 16 * 1; the second did not move; -3 + .5 * 9 * -2
  EXPECT_EQ(g, (std::vector<float>{12, 5, -12}));
}

// g g stands for the second derivative: where it is that, the compensated gradient is the true one.
// The loss (w - a)^2 / (2 c) has the gradient (w - a) / c and the second derivative 1 / c, so with
// lambda = c / (pulled - a)^2 nothing is left of the delay.
TEST(GradientAdjust, DelayCompensationIsExactOnAParabola) {
  constexpr float kA = 3;
  constexpr float kC = 4;
  const float pulled = 1;
  for (const float now : {1.0F, 0.5F, 2.5F, -4.0F}) {
    std::vector<float> g = {(pulled - kA) / kC};
    const float lambda = kC / ((pulled - kA) * (pulled - kA));
    CompensateDelay(lambda, &now, &pulled, g);
    EXPECT_FLOAT_EQ(g[0], (now - kA) / kC);
  }
}

UpdaterSpec CowSpec(float r, float floor) {
  UpdaterSpec spec;
  spec.kind = UpdaterKind::kSgd;
  spec.learning_rate.rate = 1;
  spec.clip_cow = r;
  spec.clip_cow_floor = floor;
  return spec;
}

TEST(GradientAdjust, ClipByCountByHand) {
  const std::vector<float> weights = {0.3F, 0.4F};  // norm .5
  std::vector<float> g = {6, 8};                    // norm 10; limit 3 * 2 * .5
  ClipByCount(CowSpec(2, 0.1F), 3, weights.data(), g);
  EXPECT_FLOAT_EQ(g[0], 1.8F);
  EXPECT_FLOAT_EQ(g[1], 2.4F);
  const std::vector<float> zeros = {0, 0};  // the floor: 5 * .1
  ClipByCount(CowSpec(2, 0.1F), 5, zeros.data(), g);
  EXPECT_FLOAT_EQ(g[0], 0.3F);
  EXPECT_FLOAT_EQ(g[1], 0.4F);
  const std::vector<float> before = g;  // norm .5, limit 1: as it is
  ClipByCount(CowSpec(2, 0.1F), 1, weights.data(), g);
  EXPECT_EQ(g, before);
}

TableSpec SpecOf(const UpdaterSpec& updater) {
  TableSpec spec;
  spec.name = "user";
  spec.dim = 2;
  spec.initializer.kind = InitializerKind::kZeros;
  spec.updater = updater;
  return spec;
}

std::vector<float> RowsOf(Table* table, std::span<const Key> keys, std::uint64_t t) {
  std::vector<float> rows(2 * keys.size());
  EXPECT_TRUE(table->Pull(keys, false, t, rows).ok());
  return rows;
}

TEST(TableAdjust, ClipsEachRowByItsCount) {
  Table table(SpecOf(CowSpec(1, 0.5F)), 4, 0, 4);
  const auto keys = testing::Ordered({7, 8});
  RefusedGradients refused;
  const std::vector<std::uint32_t> counts = {2, 1};
  std::vector<float> g = {-3, -4, -0.3F, -0.4F};  // limits of rows of zeros: 2 * .5, 1 * .5
  ASSERT_TRUE(table.Adjust({TableId{}, keys, g, counts, {}}, 0, 1).ok());
  ASSERT_TRUE(table.Push(keys, g, 1, &refused).ok());
  const auto rows = RowsOf(&table, keys, 1);
  EXPECT_FLOAT_EQ(rows[0], 0.6F);
  EXPECT_FLOAT_EQ(rows[1], 0.8F);
  EXPECT_FLOAT_EQ(rows[2], 0.3F);
  g = {-30, -40, 0, 0};  // the row has norm 1 now: 2 * 1
  ASSERT_TRUE(table.Adjust({TableId{}, keys, g, counts, {}}, 0, 2).ok());
  EXPECT_FLOAT_EQ(g[0], -1.2F);
  EXPECT_FLOAT_EQ(g[1], -1.6F);
}

// What compensation makes of a gradient is judged as all gradients are; a bad one is not touched.
TEST(TableAdjust, WhatIsNoNumberIsRefused) {
  Table table(SpecOf(CowSpec(0, 0.5F)), 4, 0, 4);
  const auto keys = testing::Ordered({7, 8, 9});
  RefusedGradients refused;
  const std::vector<float> pulled = {-1e8F, 0, -1, 0, 5, 5};
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> g = {1e5F, 1, 2, 0, kNan, 1};
  ASSERT_TRUE(table.Adjust({TableId{}, keys, g, {}, pulled}, 1, 1).ok());
  EXPECT_FLOAT_EQ(g[2], 2 + 2 * 2 * 1);
  ASSERT_TRUE(table.Push(keys, g, 1, &refused).ok());
  EXPECT_EQ(refused.count, 2U);
  EXPECT_EQ(refused.examples[0],
            StrCat("table 'user' key ", keys[0], ": gradient element 0 is 1e+18"));
  EXPECT_EQ(RowsOf(&table, keys, 1), (std::vector<float>{0, 0, -6, 0, 0, 0}));
}

// A row that caught up is compared with what was pulled as it is now: with steps that did not touch
// it.
TEST(TableAdjust, CompensatesFromTheRowThatCaughtUp) {
  UpdaterSpec updater;
  updater.kind = UpdaterKind::kAdam;
  updater.catch_up = true;
  updater.l2 = 0.5F;
  updater.learning_rate.rate = 0.1F;
  Table table(SpecOf(updater), 4, 0, 4);
  const Key key = 7;
  RefusedGradients refused;
  ASSERT_TRUE(table.Push({&key, 1}, std::vector<float>{-1, 1}, 1, &refused).ok());
  const auto pulled = RowsOf(&table, {&key, 1}, 1);
  Table same(SpecOf(updater), 4, 0, 4);
  ASSERT_TRUE(same.Push({&key, 1}, std::vector<float>{-1, 1}, 1, &refused).ok());
  const auto now = RowsOf(&same, {&key, 1}, 4);
  ASSERT_GT(std::fabs(now[0] - pulled[0]), 0.01F);
  std::vector<float> g = {2, 3};
  ASSERT_TRUE(table.Adjust({TableId{}, {&key, 1}, g, {}, pulled}, 0.5F, 5).ok());
  EXPECT_FLOAT_EQ(g[0], 2 + 0.5F * 4 * (now[0] - pulled[0]));
  EXPECT_FLOAT_EQ(g[1], 3 + 0.5F * 9 * (now[1] - pulled[1]));
}

}  // namespace
}  // namespace rookery
