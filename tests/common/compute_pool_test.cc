#include "common/compute_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <vector>

#include "common/random.h"

namespace rookery {
namespace {

TEST(ComputePool, RunsEveryPartOnceOnAKnownThread) {
  for (const std::size_t threads : {0, 1, 2, 5}) {
    ComputePool pool(threads);
    EXPECT_EQ(pool.threads(), std::max<std::size_t>(threads, 1));
    for (const std::size_t parts : {0, 1, 2, 3, 100}) {
      std::vector<std::atomic<int>> runs(parts);
      std::atomic<bool> thread_is_known = true;
      pool.Run(parts, [&](std::size_t part, std::size_t thread) {
        ++runs[part];
        if (thread >= pool.threads()) thread_is_known = false;
      });
      for (std::size_t part = 0; part < parts; ++part) {
        EXPECT_EQ(runs[part], 1) << "part " << part << " of " << parts << ", threads " << threads;
      }
      EXPECT_TRUE(thread_is_known);
    }
  }
}

TEST(ComputePool, AThreadIsInOnePartAtATime) {
  ComputePool pool(3);
  std::vector<std::atomic<int>> inside(pool.threads());
  std::atomic<int> collisions = 0;
  pool.Run(2000, [&](std::size_t, std::size_t thread) {
    if (inside[thread].fetch_add(1) != 0) ++collisions;
    inside[thread].fetch_sub(1);
  });
  EXPECT_EQ(collisions, 0);
}

// Float sums depend on their order; joined in part order they are bit-identical.
TEST(ComputePool, TheResultDoesNotDependOnTheThreads) {
  constexpr std::size_t kParts = 37;
  const auto sum_with = [](std::size_t threads) {
    ComputePool pool(threads);
    std::vector<float> sums(kParts);
    pool.Run(kParts, [&](std::size_t part, std::size_t) {
      Random random(1, Purpose::kTest, part);
      for (int i = 0; i < 1000; ++i) sums[part] += random.NextFloat() - 0.5F;
    });
    float sum = 0;
    for (const float part : sums) sum += part;
    return sum;
  };
  const float expected = sum_with(1);
  for (const std::size_t threads : {2, 3, 4, 8}) EXPECT_EQ(sum_with(threads), expected) << threads;
}

TEST(ComputePool, ManyShortRunsInARow) {
  ComputePool pool(4);
  std::uint64_t total = 0;
  for (std::size_t run = 0; run < 3000; ++run) {
    std::vector<std::uint64_t> values(1 + run % 7);
    pool.Run(values.size(), [&](std::size_t part, std::size_t) { values[part] = part + 1; });
    for (const std::uint64_t value : values) total += value;
  }
  std::uint64_t expected = 0;
  for (std::uint64_t run = 0; run < 3000; ++run) expected += (run % 7 + 1) * (run % 7 + 2) / 2;
  EXPECT_EQ(total, expected);
}

}  // namespace
}  // namespace rookery
