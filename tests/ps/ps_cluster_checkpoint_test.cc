// Servers write checkpoints and load them when the scheduler says so.

#include <gtest/gtest.h>

#include <functional>

#include "tests/ps/testing/ledger.h"

namespace rookery {
namespace {

using namespace testing;  // NOLINT: the ledger and its cluster

TEST(PsCluster, ACheckpointOf3ServersLoadsOn1And2And5) {
  MemoryFileSystem files;
  std::string digest;
  std::vector<Key> keys;
  for (Key key = 0; key < 300; ++key) keys.push_back(key);
  {
    const PsOptions options = WithDense(Ledger(3, 1));
    Cluster cluster(options, &files);
    WorkerThread& worker = *cluster.workers[0];
    const auto plans = worker.Plan(keys);
    for (std::uint64_t step = 0; step < 3; ++step) {
      std::vector<float> gradients(keys.size());
      for (std::size_t i = 0; i < keys.size(); ++i) {
        gradients[i] = static_cast<float>(plans[0].keys[i] * (step + 1));
      }
      const std::vector<float> dense = {1, 0, -1, 2, 0, 0, 5};
      const Status status = worker.Push(plans, Step{step}, Slice{0}, gradients, 1, dense);
      ASSERT_TRUE(status.ok()) << status.ToString();
    }
    WriteCheckpointOf(cluster, options, files, "c/3", Step{3});
    digest = DigestOf(files, "c/3");
    cluster.Stop();
  }
  for (const std::uint32_t servers : {1U, 2U, 5U}) {
    const PsOptions options = WithDense(Ledger(servers, 1));
    Cluster cluster(options, &files);
    for (const OrderResult& result : cluster.scheduler.Run(LoadOrder("c/3"))) {
      EXPECT_EQ(result.code, Code::kOk) << result.message;
    }
    const auto plans = cluster.workers[0]->Plan(keys);
    const auto rows = cluster.workers[0]->Pull(plans, Step{3}, false);
    ASSERT_TRUE(rows.ok()) << rows.status().ToString();
    for (std::size_t i = 0; i < keys.size(); ++i) {
      EXPECT_EQ((*rows)[i], -6.0F * static_cast<float>(plans[0].keys[i]));
    }
    const std::string directory = StrCat("c/again-", servers);
    WriteCheckpointOf(cluster, options, files, directory, Step{3});
    EXPECT_EQ(DigestOf(files, directory), digest) << servers << " servers";
    cluster.Stop();
  }
}

TEST(PsCluster, AFailedLoadIsReportedAndLeavesNothing) {
  MemoryFileSystem files;
  const PsOptions options = Ledger(2, 1);
  Cluster cluster(options, &files);
  WorkerThread& worker = *cluster.workers[0];
  std::vector<Key> keys;
  for (Key key = 1; key < 200; ++key) keys.push_back(key);
  const auto plans = worker.Plan(keys);
  ASSERT_TRUE(worker.Push(plans, Step{0}, Slice{0}, std::vector<float>(199, 2.0F)).ok());
  WriteCheckpointOf(cluster, options, files, "c/1", Step{1});

  for (const OrderResult& result : cluster.scheduler.Run(LoadOrder("c/none"))) {
    EXPECT_EQ(result.code, Code::kCorrupt);
    EXPECT_TRUE(result.message.starts_with("c/none/MANIFEST.json")) << result.message;
  }
  EXPECT_EQ(worker.Pull(plans, Step{1}, false)->front(), -2.0F);  // still what it was

  const std::string path = "c/1/" + RowsFileName("ledger", 0);
  ASSERT_TRUE(files.FlipBit(path, 8 * 60).ok());
  const auto results = cluster.scheduler.Run(LoadOrder("c/1"));
  EXPECT_EQ(results[0].code, Code::kCorrupt);
  EXPECT_TRUE(results[0].message.starts_with(path)) << results[0].message;
  EXPECT_EQ(results[1].code, Code::kOk) << results[1].message;
  const auto refused = worker.Pull(plans, Step{1}, false);
  EXPECT_NE(refused.status().message().find("server 0 has no state: " + path), std::string::npos)
      << refused.status().ToString();

  ASSERT_TRUE(files.FlipBit(path, 8 * 60).ok());
  EXPECT_EQ(cluster.scheduler.Run(LoadOrder("c/1"))[0].code, Code::kOk);
  EXPECT_EQ(worker.Pull(plans, Step{1}, false)->back(), -2.0F);
  cluster.Stop();
}

TEST(PsCluster, ACheckpointOfAnotherJobIsRefused) {
  MemoryFileSystem files;
  {
    const PsOptions options = Ledger(1, 1);
    Cluster cluster(options, &files);
    WriteCheckpointOf(cluster, options, files, "c/1", Step{0});
    cluster.Stop();
  }
  struct Case {
    std::function<void(PsOptions*)> change;
    const char* error;
  };
  const Case cases[] = {
      {[](auto* o) { o->job_hash = 98; }, "is of another job (job hash 99, here 98)"},
      {[](auto* o) { o->buckets = 32; }, "has 64 buckets, the job 32"},
      {[](auto* o) { o->tables[0].dim = 2; },
       "table \"ledger\" is not what the job says of table \"ledger\""},
      {[](auto* o) { o->tables.clear(); }, "has 1 tables, the job 0"},
  };
  for (const Case& item : cases) {
    PsOptions options = Ledger(1, 1);
    item.change(&options);
    Cluster cluster(options, &files);
    const OrderResult result = cluster.scheduler.Run(LoadOrder("c/1"))[0];
    EXPECT_EQ(result.code, Code::kInvalidInput);
    EXPECT_EQ(result.message, StrCat("c/1/MANIFEST.json: ", item.error));
    cluster.Stop();
  }
}

}  // namespace
}  // namespace rookery
