#include "ps/pull_ages.h"

#include <gtest/gtest.h>

namespace rookery {
namespace {

TEST(PullAges, CountsUpdatesBetweenPullAndPush) {
  PullAges ages(2);
  ages.OnPull(0, Step{5}, 100);
  ages.OnPull(1, Step{5}, 101);
  ages.OnPull(0, Step{6}, 104);
  EXPECT_EQ(ages.AgeOf(0, Step{5}, 103), 3U);
  EXPECT_EQ(ages.AgeOf(1, Step{5}, 103), 2U);
  EXPECT_EQ(ages.AgeOf(0, Step{6}, 104), 0U);
}

TEST(PullAges, APullThatIsNotKnownIsFresh) {
  PullAges ages(1);
  EXPECT_EQ(ages.AgeOf(0, Step{0}, 50), 0U);
  for (std::uint64_t step = 0; step < 5; ++step) ages.OnPull(0, Step{step}, step);
  EXPECT_EQ(ages.AgeOf(0, Step{0}, 50), 0U);  // four pulls ago
  EXPECT_EQ(ages.AgeOf(0, Step{1}, 50), 49U);
}

// As after a rollback: the pull that came last counts, and one from a future that is gone does not.
TEST(PullAges, TheLastPullOfAStepCounts) {
  PullAges ages(1);
  ages.OnPull(0, Step{3}, 12);
  ages.OnPull(0, Step{3}, 10);
  EXPECT_EQ(ages.AgeOf(0, Step{3}, 20), 10U);
  EXPECT_EQ(ages.AgeOf(0, Step{3}, 5), 0U);
}

}  // namespace
}  // namespace rookery
