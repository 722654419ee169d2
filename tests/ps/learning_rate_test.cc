#include <gtest/gtest.h>

#include "ps/updater.h"

namespace rookery {
namespace {

TEST(LearningRate, Constant) {
  const LearningRate schedule{ScheduleKind::kConstant, 0.5F, 0, 0, 0, 0.1F};
  EXPECT_EQ(RateAt(schedule, 1), 0.5F);
  EXPECT_EQ(RateAt(schedule, 1'000'000'000), 0.5F);
}

TEST(LearningRate, WarmsUpLinearly) {
  const LearningRate schedule{ScheduleKind::kWarmup, 0.8F, 4, 0, 0, 0.1F};
  EXPECT_FLOAT_EQ(RateAt(schedule, 1), 0.2F);
  EXPECT_FLOAT_EQ(RateAt(schedule, 2), 0.4F);
  EXPECT_EQ(RateAt(schedule, 4), 0.8F);
  EXPECT_EQ(RateAt(schedule, 5), 0.8F);
}

TEST(LearningRate, StepsAfterTheWarmUp) {
  const LearningRate schedule{ScheduleKind::kStep, 1, 10, 5, 0, 0.5F};
  EXPECT_FLOAT_EQ(RateAt(schedule, 5), 0.5F);
  EXPECT_EQ(RateAt(schedule, 14), 1);
  EXPECT_EQ(RateAt(schedule, 15), 0.5F);
  EXPECT_EQ(RateAt(schedule, 20), 0.25F);
  EXPECT_EQ(RateAt(schedule, 35), 0.03125F);
}

TEST(LearningRate, CosineEndsAtRateTimesFactor) {
  const LearningRate schedule{ScheduleKind::kCosine, 2, 10, 0, 100, 0.1F};
  EXPECT_EQ(RateAt(schedule, 10), 2);
  EXPECT_NEAR(RateAt(schedule, 60), 2 * (0.1 + 0.9 / 2), 1e-6);
  EXPECT_NEAR(RateAt(schedule, 110), 0.2, 1e-6);
  EXPECT_NEAR(RateAt(schedule, 100'000), 0.2, 1e-6);
}

TEST(LearningRate, ZeroPeriodsAreConstant) {
  EXPECT_EQ(RateAt({ScheduleKind::kStep, 1, 0, 0, 0, 0.5F}, 50), 1);
  EXPECT_EQ(RateAt({ScheduleKind::kCosine, 1, 0, 0, 0, 0.5F}, 50), 1);
}

}  // namespace
}  // namespace rookery
