#include "ps/memory_budget.h"

#include <gtest/gtest.h>

namespace rookery {
namespace {

TEST(MemoryBudget, WithoutALimitNothingStops) {
  MemoryBudget budget;
  budget.Count(0, std::uint64_t{1} << 50U);
  EXPECT_TRUE(budget.MayTake(std::uint64_t{1} << 50U));
  EXPECT_TRUE(budget.MayLoad(std::uint64_t{1} << 50U));
  EXPECT_TRUE(budget.admits());
  EXPECT_FALSE(budget.must_end());
}

TEST(MemoryBudget, RowsStopAtTheSoftLimitForGood) {
  MemoryBudget budget({1000, 0.9});
  budget.Count(0, 800);
  EXPECT_TRUE(budget.MayTake(100));
  EXPECT_FALSE(budget.MayTake(101));
  EXPECT_FALSE(budget.admits());
  EXPECT_FALSE(budget.must_end());
  budget.Count(800, 100);
  EXPECT_FALSE(budget.MayTake(1)) << "rows that come and go by turns would be worse";
  EXPECT_TRUE(budget.MayLoad(900));
  EXPECT_FALSE(budget.MayLoad(901));
  EXPECT_EQ(budget.bytes(), 100U);
  EXPECT_EQ(budget.bytes_max(), 800U);
  budget.Reset();
  EXPECT_TRUE(budget.MayTake(800));
}

TEST(MemoryBudget, WithoutASoftLimitTheJobEndsWhereRowsStop) {
  MemoryBudget budget({1000, 1});
  budget.Count(0, 1000);
  EXPECT_FALSE(budget.must_end());
  EXPECT_FALSE(budget.MayTake(1));
  EXPECT_TRUE(budget.must_end());
}

TEST(MemoryBudget, KeptRowsTakeThreeQuartersOfWhatRowsMayNot) {
  MemoryBudget budget({1000, 0.9});
  EXPECT_TRUE(budget.MayKeep(75));
  EXPECT_FALSE(budget.MayKeep(76)) << "rows may still come, up to 900";
  budget.Count(0, 850);
  budget.CountKept(0, 60);
  EXPECT_EQ(budget.bytes(), 910U);
  EXPECT_TRUE(budget.MayKeep(15));
  EXPECT_FALSE(budget.MayKeep(16));
  EXPECT_TRUE(budget.MayTake(50)) << "a checkpoint does not change which rows are made";
  budget.Count(850, 930);  // dense parameters, say
  EXPECT_FALSE(budget.MayKeep(1));
  EXPECT_TRUE(budget.MayKeep(0));
  EXPECT_FALSE(budget.must_end());
  budget.CountKept(60, 71);
  EXPECT_TRUE(budget.must_end());
}

TEST(MemoryBudget, WhatTheProcessTakesBesidesCounts) {
  std::uint64_t process = 5000;  // the base
  MemoryBudget budget({1000, 0.9}, [&] { return process; });
  budget.Count(0, 300);
  process = 5000 + 500;
  budget.Observe();
  EXPECT_EQ(budget.bytes(), 500U);
  EXPECT_FALSE(budget.MayTake(401));
  process = 5000 + 1000;
  budget.Observe();
  EXPECT_FALSE(budget.must_end());
  process = 5000 + 1001;
  budget.Observe();
  EXPECT_TRUE(budget.must_end());
  process = 5000 + 100;  // less than is counted
  budget.Observe();
  EXPECT_EQ(budget.bytes(), 300U);
  EXPECT_EQ(budget.bytes_max(), 1001U);
}

TEST(MemoryBudget, SaysWhatIsTaken) {
  MemoryBudget budget({1'000'000'000, 0.9});
  budget.Count(0, 912'000'000);
  EXPECT_EQ(budget.Describe(),
            "cluster.memory_limit: 912 MB of 1000 MB are taken (rows may take 900 MB)");
  budget.OnRefused();
  EXPECT_TRUE(budget.must_end());
  EXPECT_FALSE(budget.admits());
  EXPECT_EQ(budget.Describe(), "the system gives no more memory after 912 MB");
}

}  // namespace
}  // namespace rookery
