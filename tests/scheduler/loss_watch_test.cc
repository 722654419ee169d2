#include "scheduler/loss_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace rookery {
namespace {

using ::testing::HasSubstr;

TEST(LossWatch, TellsALossThatIsManyTimesTheLowest) {
  LossWatch watch({.factor = 4, .window_examples = 100});
  EXPECT_FALSE(watch.Add(100, 60));   // .6
  EXPECT_FALSE(watch.Add(100, 50));   // .5
  EXPECT_FALSE(watch.Add(100, 199));  // 1.99, below 4 x .5
  EXPECT_FALSE(watch.Add(60, 300));   // not a whole window yet
  EXPECT_TRUE(watch.Add(40, 10));     // 3.1
  EXPECT_THAT(watch.reason(),
              HasSubstr("100 examples was 3.1, more than 4 times the lowest (0.5)"));
  EXPECT_TRUE(watch.Add(100, 50)) << "it stays diverged until the weights are others";
}

TEST(LossWatch, DoesNotWaitForAWholeWindowWhenTheLossIsNotANumber) {
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    LossWatch watch({.factor = 4, .window_examples = 100});
    EXPECT_TRUE(watch.Add(1, bad));
    EXPECT_THAT(watch.reason(), HasSubstr("the loss of 1 examples was "));
  }
}

TEST(LossWatch, TheFirstWindowIsNoDivergenceAndWithoutAFactorNoNumberIs) {
  LossWatch first({.factor = 4, .window_examples = 10});
  EXPECT_FALSE(first.Add(10, 1e6));
  LossWatch off({.factor = 0, .window_examples = 10});
  EXPECT_FALSE(off.Add(10, 1));
  EXPECT_FALSE(off.Add(10, 1e9));
  EXPECT_TRUE(off.Add(10, std::numeric_limits<double>::quiet_NaN()));
}

TEST(LossWatch, ACheckpointIsHealthyOnceAWholeWindowAfterItWasFine) {
  LossWatch watch({.factor = 4, .window_examples = 100});
  EXPECT_FALSE(watch.Add(100, 50));
  watch.NoteCheckpoint("00000001");
  EXPECT_EQ(watch.healthy_checkpoint(), "");
  EXPECT_FALSE(watch.Add(100, 50));
  EXPECT_EQ(watch.healthy_checkpoint(), "00000001");
  EXPECT_FALSE(watch.Add(90, 900));  // on its way up when the next one is taken
  watch.NoteCheckpoint("00000002");
  EXPECT_FALSE(watch.Add(10, 100));  // the window began anew
  EXPECT_TRUE(watch.Add(90, 900));
  EXPECT_EQ(watch.healthy_checkpoint(), "00000001");
  watch.Forget();
  EXPECT_FALSE(watch.diverged());
  EXPECT_FALSE(watch.Add(100, 50)) << "the lowest loss is remembered, the bad window is not";
  EXPECT_EQ(watch.healthy_checkpoint(), "00000001");
}

}  // namespace
}  // namespace rookery
