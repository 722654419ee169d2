#include "net/polled_executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace rookery {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(PolledExecutor, RunsInOrderAndNeverInsidePost) {
  int wakes = 0;
  PolledExecutor executor([&] { ++wakes; });
  std::vector<int> ran;
  executor.Post([&] {
    ran.push_back(1);
    executor.Post([&] { ran.push_back(3); });
  });
  executor.Post([&] { ran.push_back(2); });
  EXPECT_TRUE(ran.empty());
  EXPECT_EQ(wakes, 2);
  EXPECT_TRUE(executor.Poll());
  EXPECT_EQ(ran, (std::vector<int>{1, 2}));
  EXPECT_TRUE(executor.Poll());
  EXPECT_EQ(ran, (std::vector<int>{1, 2, 3}));
  EXPECT_FALSE(executor.Poll());
}

TEST(PolledExecutor, TimersRunByTimeThenByNumberAndNeverEarly) {
  PolledExecutor executor([] {});
  std::vector<int> ran;
  const TimePoint now = executor.Now();
  EXPECT_EQ(executor.next_timer(), TimePoint::max());
  executor.PostAt(now + hours(1), [&] { ran.push_back(9); });
  executor.PostAt(now, [&] { ran.push_back(2); });
  executor.PostAt(now, [&] { ran.push_back(3); });
  executor.PostAt(now - milliseconds(1), [&] { ran.push_back(1); });
  EXPECT_EQ(executor.next_timer(), now - milliseconds(1));
  EXPECT_TRUE(executor.Poll());
  EXPECT_EQ(ran, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(executor.next_timer(), now + hours(1));
  EXPECT_FALSE(executor.Poll());
}

TEST(PolledExecutor, AfterStopNothingRuns) {
  PolledExecutor executor([] {});
  const auto held = std::make_shared<int>(0);
  std::vector<int> ran;
  executor.Post([&] {
    ran.push_back(1);
    executor.Stop();  // by a task: returns at once
  });
  executor.Post([&ran, held] { ran.push_back(2); });
  EXPECT_TRUE(executor.Poll());
  executor.Post([&] { ran.push_back(3); });
  executor.PostAt(executor.Now(), [&] { ran.push_back(4); });
  EXPECT_FALSE(executor.Poll());
  EXPECT_EQ(ran, std::vector<int>{1});
  EXPECT_EQ(held.use_count(), 1);  // what was dropped is freed
}

TEST(PolledExecutor, StopWaitsForTheRunningTask) {
  PolledExecutor executor([] {});
  std::atomic<bool> begun = false;
  std::atomic<bool> ended = false;
  std::atomic<bool> quit = false;
  std::thread poller([&] {
    while (!quit) executor.Poll();
  });
  executor.Post([&] {
    begun = true;
    std::this_thread::sleep_for(milliseconds(20));
    ended = true;
  });
  while (!begun) std::this_thread::yield();
  executor.Stop();
  EXPECT_TRUE(ended);
  quit = true;
  poller.join();
}

TEST(PolledExecutor, TakesPostsOfManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kPosts = 2000;
  PolledExecutor executor([] {});
  int ran = 0;  // only the polling thread touches it
  std::vector<std::thread> posters;
  for (int i = 0; i < kThreads; ++i) {
    posters.emplace_back([&] {
      for (int n = 0; n < kPosts; ++n) executor.Post([&] { ++ran; });
    });
  }
  while (ran < kThreads * kPosts) executor.Poll();
  for (std::thread& poster : posters) poster.join();
  EXPECT_EQ(ran, kThreads * kPosts);
}

}  // namespace
}  // namespace rookery
