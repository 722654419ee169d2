#include "ps/staleness_gate.h"

#include <gtest/gtest.h>

#include "ps/push_window.h"

namespace rookery {
namespace {

TEST(StalenessGate, TheSlowestHoldsTheOthers) {
  StalenessGate gate(2);
  EXPECT_TRUE(gate.MayPull(Step{0}, 0));
  EXPECT_FALSE(gate.MayPull(Step{1}, 0));
  EXPECT_TRUE(gate.MayPull(Step{1}, 1));
  gate.OnPush(0, Step{0});
  gate.OnPush(0, Step{1});
  EXPECT_EQ(gate.StalenessOf(Step{2}), 2U);
  EXPECT_FALSE(gate.MayPull(Step{2}, 1));
  gate.OnPush(1, Step{0});
  EXPECT_TRUE(gate.MayPull(Step{2}, 1));
  EXPECT_TRUE(gate.MayPull(Step{2'000}, StalenessGate::kUnbounded));
}

TEST(StalenessGate, ARetiredWorkerHoldsNobodyUntilItPushesAgain) {
  StalenessGate gate(2);
  for (std::uint64_t step = 0; step < 5; ++step) gate.OnPush(0, Step{step});
  EXPECT_FALSE(gate.MayPull(Step{5}, 0));
  gate.OnRetire(1);
  EXPECT_TRUE(gate.MayPull(Step{5}, 0));
  gate.OnPush(1, Step{2});
  EXPECT_EQ(gate.StalenessOf(Step{5}), 2U);
  gate.OnRetire(0);
  gate.OnRetire(1);
  EXPECT_EQ(gate.StalenessOf(Step{100}), 0U);
}

TEST(StalenessGate, ClocksNeverGoBackAndResetStartsAllAlike) {
  StalenessGate gate(1);
  gate.OnPush(0, Step{9});
  gate.OnPush(0, Step{3});
  EXPECT_EQ(gate.StalenessOf(Step{10}), 0U);
  gate.OnRetire(0);
  gate.Reset(Step{4});
  EXPECT_EQ(gate.StalenessOf(Step{6}), 2U);
}

TEST(StalenessGate, CountsWhatPullsSaw) {
  StalenessGate gate(1);
  EXPECT_TRUE(gate.histogram().empty());
  gate.OnPull(Step{0});
  gate.OnPull(Step{2});
  gate.OnPull(Step{2});
  EXPECT_EQ(gate.histogram(), (std::vector<std::uint64_t>{1, 0, 2}));
  gate.OnPull(Step{1'000});
  ASSERT_EQ(gate.histogram().size(), StalenessGate::kHistogramMax);
  EXPECT_EQ(gate.histogram().back(), 1U);
}

TEST(PushWindow, KnowsNextDuplicateAndGap) {
  PushWindow window(2);
  EXPECT_EQ(window.Classify(0, 1), PushOrder::kNext);
  EXPECT_EQ(window.Classify(0, 2), PushOrder::kGap);
  EXPECT_EQ(window.Classify(0, 0), PushOrder::kDuplicate);
  window.Accept(0, 1);
  EXPECT_EQ(window.Classify(0, 1), PushOrder::kDuplicate);
  EXPECT_EQ(window.Classify(0, 2), PushOrder::kNext);
  EXPECT_EQ(window.Classify(1, 1), PushOrder::kNext);
  EXPECT_EQ(window.last(0), 1U);
}

}  // namespace
}  // namespace rookery
