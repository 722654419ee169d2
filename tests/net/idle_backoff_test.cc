#include "net/idle_backoff.h"

#include <gtest/gtest.h>

namespace rookery {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr IdleOptions kOptions{microseconds(50), microseconds(100)};

TEST(IdleBackoff, SpinsThenYieldsThenSleeps) {
  EXPECT_EQ(NextIdleStep(kOptions, microseconds(49), false).action, IdleAction::kSpin);
  EXPECT_EQ(NextIdleStep(kOptions, microseconds(50), false).action, IdleAction::kYield);
  EXPECT_EQ(NextIdleStep(kOptions, microseconds(1049), false).action, IdleAction::kYield);
  const IdleStep step = NextIdleStep(kOptions, microseconds(1050), false);
  EXPECT_EQ(step.action, IdleAction::kSleep);
  EXPECT_EQ(step.sleep, microseconds(100));
}

TEST(IdleBackoff, SleepsLongerAfterLongIdlenessButLessWhenSomethingIsPending) {
  EXPECT_EQ(NextIdleStep(kOptions, milliseconds(19), false).sleep, microseconds(100));
  EXPECT_EQ(NextIdleStep(kOptions, milliseconds(20), false).sleep, milliseconds(1));
  EXPECT_EQ(NextIdleStep(kOptions, milliseconds(20), true).sleep, microseconds(500));
  const IdleOptions slow{microseconds(0), milliseconds(5)};
  EXPECT_EQ(NextIdleStep(slow, milliseconds(20), false).sleep, milliseconds(5));
}

}  // namespace
}  // namespace rookery
