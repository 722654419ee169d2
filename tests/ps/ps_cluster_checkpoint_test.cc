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

TEST(PsCluster, PushesGoOnWhileTheCutIsWritten) {
  MemoryFileSystem files;
  const PsOptions options = [] {
    PsOptions slow = Ledger(2, 1);
    slow.checkpoint_rate = 4000;  // bytes a second: half a second for all of it
    return slow;
  }();
  Cluster cluster(options, &files);
  WorkerThread& worker = *cluster.workers[0];
  std::vector<Key> keys;
  for (Key key = 0; key < 1000; ++key) keys.push_back(key);
  const auto plans = worker.Plan(keys);
  const std::vector<float> ones(keys.size(), 1);
  ASSERT_TRUE(worker.Push(plans, Step{0}, Slice{0}, ones).ok());
  ASSERT_TRUE(files.MakeDirectory("c/1").ok());
  Order order;
  order.kind = OrderKind::kCheckpoint;
  order.directory = "c/1";
  for (const OrderResult& result : cluster.scheduler.Run(order)) {
    EXPECT_EQ(result.code, Code::kOk) << result.message;
    EXPECT_EQ(result.updates, 1U);
    EXPECT_FALSE(result.adds_to_base);
  }
  // While it is written a second cut is refused, and pushes are applied.
  order.directory = "c/2";
  for (const OrderResult& result : cluster.scheduler.Run(order)) {
    EXPECT_EQ(result.code, Code::kInternal);
  }
  std::uint64_t step = 1;
  for (; cluster.scheduler.LastBeat(0).written.directory.empty(); ++step) {
    ASSERT_TRUE(worker.Push(plans, Step{step}, Slice{0}, ones).ok());
  }
  EXPECT_GT(step, 2U);
  std::uint64_t kept = 0;
  CheckpointManifest manifest;
  for (const std::uint32_t server : {0U, 1U}) {
    const WrittenFiles written = cluster.scheduler.Written(server, "c/1");
    EXPECT_EQ(written.code, Code::kOk) << written.message;
    kept += written.rows_kept;
    manifest.files.insert(manifest.files.end(), written.files.begin(), written.files.end());
  }
  EXPECT_GT(kept, 500U);
  manifest.buckets = options.buckets;
  manifest.shards = 2;
  manifest.tables = options.tables;
  ASSERT_TRUE(
      WriteFileAtomically(files, JoinPath("c/1", kManifestName), ManifestToJson(manifest)).ok());
  const auto reader = CheckpointReader::Open(&files, "c/1");
  ASSERT_TRUE(reader.ok()) << reader.status().ToString();
  std::size_t rows = 0;
  const auto look = [&](std::span<const Key>, std::span<const float> values) {
    for (const float value : values) EXPECT_EQ(value, -1.0F);
    rows += values.size();
    return OkStatus();
  };
  ASSERT_TRUE((*reader)->ReadRows(options.tables[0], 0, options.buckets, look).ok());
  EXPECT_EQ(rows, keys.size());
  cluster.Stop();
}

TEST(PsCluster, ADeltaHasTheRowsThatChangedSinceItsBase) {
  MemoryFileSystem files;
  PsOptions options = Ledger(2, 1);
  options.track_changes = true;
  Cluster cluster(options, &files);
  WorkerThread& worker = *cluster.workers[0];
  std::uint64_t step = 0;
  const auto push = [&](std::vector<Key> keys) {
    const auto plans = worker.Plan(keys);
    ASSERT_TRUE(
        worker.Push(plans, Step{step++}, Slice{0}, std::vector<float>(keys.size(), 1)).ok());
  };
  // The rows of a checkpoint at `name` on `base`, by both servers.
  const auto rows_of = [&](const std::string& name, const std::string& base, bool adds) {
    EXPECT_TRUE(files.MakeDirectory("c/" + name + ".tmp").ok());
    Order order;
    order.kind = OrderKind::kCheckpoint;
    order.directory = "c/" + name + ".tmp";
    order.base = base;
    for (const OrderResult& result : cluster.scheduler.Run(order)) {
      EXPECT_EQ(result.code, Code::kOk) << result.message;
      EXPECT_EQ(result.adds_to_base, adds) << name;
    }
    std::uint64_t rows = 0;
    for (const std::uint32_t server : {0U, 1U}) {
      for (const auto& file : cluster.scheduler.Written(server, order.directory).files) {
        rows += file.rows;
      }
    }
    return rows;
  };
  push({1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(rows_of("1", "", false), 8U);
  push({2, 3});
  EXPECT_EQ(rows_of("2", "1", true), 2U);
  push({9, 10, 4});
  EXPECT_EQ(rows_of("3", "2", true), 3U);
  push({5});
  // 3 was lost: what it had counts again.
  EXPECT_EQ(rows_of("4", "2", true), 4U);
  EXPECT_EQ(rows_of("5", "4", true), 0U);
  EXPECT_EQ(rows_of("6", "1", false), 10U);  // long past
  EXPECT_EQ(rows_of("7", "6", true), 0U);
  push({1});
  EXPECT_EQ(rows_of("8", "", false), 10U);
  cluster.Stop();
}

TEST(PsCluster, AfterALoadADeltaAddsToWhatWasLoaded) {
  MemoryFileSystem files;
  PsOptions options = Ledger(1, 1);
  options.track_changes = true;
  const std::vector<Key> keys = {1, 2, 3};
  {
    Cluster cluster(options, &files);
    const auto plans = cluster.workers[0]->Plan(keys);
    ASSERT_TRUE(cluster.workers[0]->Push(plans, Step{0}, Slice{0}, std::vector<float>(3, 1)).ok());
    WriteCheckpointOf(cluster, options, files, "c/1", Step{1});
    cluster.Stop();
  }
  Cluster cluster(options, &files);
  ASSERT_EQ(cluster.scheduler.Run(LoadOrder("c/1"))[0].code, Code::kOk);
  const auto plans = cluster.workers[0]->Plan({2});
  ASSERT_TRUE(cluster.workers[0]->Push(plans, Step{1}, Slice{0}, {1}).ok());
  ASSERT_TRUE(files.MakeDirectory("c/2.tmp").ok());
  Order order;
  order.kind = OrderKind::kCheckpoint;
  order.directory = "c/2.tmp";
  order.base = "1";
  EXPECT_TRUE(cluster.scheduler.Run(order)[0].adds_to_base);
  EXPECT_EQ(cluster.scheduler.Written(0, "c/2.tmp").files.at(0).rows, 1U);
  cluster.Stop();
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
