// Splits: by hand, and what must hold of any.
#include "data/example_split.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "common/random.h"

namespace rookery {
namespace {

constexpr Part kOut = Part::kNone, kTrain = Part::kTrain, kValid = Part::kValid,
               kTest = Part::kTest;

using Numbers = std::vector<std::uint32_t>;
using Order = std::vector<double>;

// User 0 has examples 0, 2, 4, 5 at times 9, 1, 5, 5; user 1 has 1 and 3; 6 is left out.
TEST(ExampleSplit, LeavesTheLastTwoOfEachGroupOut) {
  const Numbers user = {0, 1, 0, 1, 0, 0, 1};
  const Order time = {9, 1, 1, 2, 5, 5, 3};
  Parts parts(7, kTrain);
  parts[6] = kOut;
  SplitLeaveOneOut(user, time, &parts);
  EXPECT_EQ(parts, (Parts{kTest, kTrain, kTrain, kTrain, kTrain, kValid, kOut}));
  SplitLeaveOneOut(user, {}, &parts);  // in the order of the files
  EXPECT_EQ(parts, (Parts{kTrain, kTrain, kTrain, kTrain, kValid, kTest, kOut}));
  parts[6] = kTrain;  // now user 1 has three
  SplitLeaveOneOut(user, time, &parts);
  EXPECT_EQ(parts, (Parts{kTest, kTrain, kTrain, kValid, kTrain, kValid, kTest}));
}

TEST(ExampleSplit, ThresholdsBelongToTheLaterPart) {
  const Order time = {5, 10, 9.5, 20, 21, -1};
  Parts parts = {kTrain, kTrain, kTrain, kTrain, kOut, kTrain};
  SplitAt(time, 10, 20, &parts);
  EXPECT_EQ(parts, (Parts{kTrain, kValid, kTrain, kTest, kOut, kTrain}));
}

TEST(ExampleSplit, SharesAreOfTheSortedExamples) {
  const Order time = {8, 1, 5, 3, 9, 2, 7, 4, 6, 10};
  Parts parts(10, kTrain);
  SplitByShares({}, time, {.valid = 0.1, .test = 0.3}, &parts);
  // 8, 9, 10 are the last three, 7 is before them.
  EXPECT_EQ(parts,
            (Parts{kTest, kTrain, kTrain, kTrain, kTest, kTrain, kValid, kTrain, kTrain, kTest}));
}

TEST(ExampleSplit, TheSameTimeIsNeverDivided) {
  const Order time = {1, 2, 3, 3, 3, 4, 4, 5, 6, 6};
  Parts parts(10, kTrain);
  SplitByShares({}, time, {.valid = 0.3, .test = 0.4}, &parts);
  // Valid would begin at the second 3, test at the second 4: both go where the first of them is.
  EXPECT_EQ(parts,
            (Parts{kTrain, kTrain, kTrain, kTrain, kTrain, kValid, kValid, kTest, kTest, kTest}));
}

TEST(ExampleSplit, SharesRoundDownInEveryGroup) {
  // Groups of 30, 9 and 1: 3 + 3, 0 + 0, and 0 + 0 are held out, though .1 * 30 is no whole double.
  Numbers group(40, 0);
  std::fill(group.begin() + 30, group.begin() + 39, 1);
  group[39] = 2;
  Parts parts(40, kTrain);
  SplitByShares(group, RandomOrder(5, 40), {.valid = 0.1, .test = 0.1}, &parts);
  EXPECT_EQ(std::count(parts.begin(), parts.begin() + 30, kValid), 3);
  EXPECT_EQ(std::count(parts.begin(), parts.begin() + 30, kTest), 3);
  EXPECT_EQ(std::count(parts.begin() + 30, parts.end(), kTrain), 10);
}

TEST(ExampleSplit, ChanceIsNamedBySeedAndExample) {
  const Order order = RandomOrder(5, 1000);
  const Order longer = RandomOrder(5, 2000);
  EXPECT_TRUE(std::equal(order.begin(), order.end(), longer.begin()));
  EXPECT_NE(order, RandomOrder(6, 1000));
  double sum = 0;
  for (const double place : order) sum += place;
  EXPECT_NEAR(sum / 1000, 0.5, 0.04);  // four deviations
}

// Every split takes all that is left in and nothing else, and held-out examples are never before
// those of training of their group.
TEST(ExampleSplit, EverySplitIsAPartitionInOrder) {
  Random random(3, Purpose::kTest);
  for (int round = 0; round < 50; ++round) {
    const std::size_t examples = 1 + random.NextBelow(60);
    Numbers group;
    Order order;
    Parts before;
    for (std::size_t i = 0; i < examples; ++i) {
      group.push_back(static_cast<std::uint32_t>(random.NextBelow(6)));
      order.push_back(static_cast<double>(random.NextBelow(20)));
      before.push_back(random.NextBelow(5) == 0 ? kOut : kTrain);
    }
    for (const bool shares : {false, true}) {
      Parts parts = before;
      if (shares) {
        SplitByShares(group, order, {.valid = 0.2, .test = 0.3}, &parts);
      } else {
        SplitLeaveOneOut(group, order, &parts);
      }
      for (const Part part : {kTrain, kValid, kTest}) {
        for (const std::uint32_t i : InOrder(parts, part, group, order)) {
          EXPECT_NE(before[i], kOut);
          for (std::uint32_t j = 0; j < examples; ++j) {
            if (parts[j] < part && parts[j] != kOut && group[j] == group[i]) {
              EXPECT_TRUE(ComesBefore(order, j, i)) << "examples " << j << " and " << i;
            }
          }
        }
      }
      for (std::size_t i = 0; i < examples; ++i) EXPECT_EQ(parts[i] == kOut, before[i] == kOut);
    }
  }
}

TEST(ExampleSplit, GivesAPartByGroupInOrder) {
  const Numbers group = {1, 0, 1, 0, 1};
  const Order order = {3, 2, 1, 1, 2};
  const Parts parts = {kTrain, kTrain, kTrain, kTrain, kTest};
  EXPECT_EQ(InOrder(parts, kTrain, group, order), (Numbers{3, 1, 2, 0}));
  EXPECT_EQ(InOrder(parts, kTest, group, order), (Numbers{4}));
}

}  // namespace
}  // namespace rookery
