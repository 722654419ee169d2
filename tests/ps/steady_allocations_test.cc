// A pull and a push over the loopback transport, once warm, ask the system for no memory.

#include <gtest/gtest.h>

#include <algorithm>

#include "common/block_pool.h"
#include "tests/ps/testing/count_allocations.h"
#include "tests/ps/testing/ledger.h"

namespace rookery {
namespace {

using namespace testing;  // NOLINT: the ledger and its cluster

struct Steps {
  PsClient* client = nullptr;
  std::vector<TablePlan> plans;
  std::vector<float> rows;
  std::vector<float> gradients;
  std::vector<float> dense;
  std::uint64_t next = 0;
};

// `allocated` is what the whole process allocated meanwhile.
Task<Status> Take(Steps* steps, std::uint64_t count, std::uint64_t* allocated) {
  const std::uint64_t before = Allocations();
  for (const std::uint64_t end = steps->next + count; steps->next < end; ++steps->next) {
    const Step step{steps->next};
    PooledVector<std::span<float>> rows(1, steps->rows);
    ROOKERY_CO_RETURN_IF_ERROR(
        co_await steps->client->Pull(steps->plans, step, true, std::move(rows), steps->dense));
    PooledVector<std::span<const float>> gradients(1, steps->gradients);
    ROOKERY_CO_RETURN_IF_ERROR(co_await steps->client->Push(steps->plans, step, Slice{0}, 2,
                                                            std::move(gradients), steps->dense));
  }
  *allocated = Allocations() - before;
  co_return OkStatus();
}

// The least of many windows of ten steps: what every step needs is in all of them, a heartbeat of
// the servers only in some.
std::uint64_t AllocationsOfTenSteps(PsOptions options) {
  constexpr int kWindows = 40;
  MemoryFileSystem files;
  Cluster cluster(WithDense(std::move(options)), &files);
  WorkerThread& worker = *cluster.workers[0];
  std::vector<Key> keys(3000);
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = i;
  Steps steps;
  steps.client = &worker.client;
  steps.plans = worker.Plan(keys);
  steps.rows.resize(keys.size());
  steps.gradients.assign(keys.size(), 1.0F);
  steps.dense.resize(7);
  std::uint64_t least = ~std::uint64_t{0};
  for (int window = 0; window < kWindows; ++window) {
    std::uint64_t allocated = 0;
    const Status status =
        Await<Status>(&worker.executor, [&] { return Take(&steps, 10, &allocated); });
    EXPECT_TRUE(status.ok()) << status.ToString();
    least = std::min(least, allocated);
  }
  // The steps were real: the last pull saw all pushes before it, each half a gradient.
  EXPECT_EQ(steps.rows[0], -0.5F * (10 * kWindows - 1));
  cluster.Stop();
  return least;
}

TEST(SteadyAllocations, APullAndAPushAllocateNothing) {
  if (!BlocksAreKept()) GTEST_SKIP() << "sanitizer build: blocks come from the system";
  for (const TrainMode mode : {TrainMode::kSync, TrainMode::kAsync}) {
    for (const std::uint32_t servers : {1U, 3U}) {
      PsOptions options = Ledger(servers, 1);
      options.mode = mode;
      options.slices = 1;
      EXPECT_EQ(AllocationsOfTenSteps(options), 0U)
          << servers << " servers, mode " << static_cast<int>(mode);
    }
  }
}

TEST(SteadyAllocations, AnAllocationWouldBeSeen) {
  if (!BlocksAreKept()) GTEST_SKIP() << "sanitizer build: its own operator new";
  const std::uint64_t before = Allocations();
  const auto one = std::make_unique<std::vector<int>>(10);
  EXPECT_EQ(Allocations() - before, 2U) << one->size();
}

}  // namespace
}  // namespace rookery
