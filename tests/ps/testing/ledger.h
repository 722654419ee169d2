// The ledger: a job whose rows are exact sums of what was pushed; and its checkpoints.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ps/checkpoint_reader.h"
#include "ps/checkpoint_writer.h"
#include "tests/ps/testing/cluster.h"

namespace rookery::testing {

// dim 1, zeros, SGD with rate 1: every row is minus the sum of what was pushed.
inline PsOptions Ledger(std::uint32_t servers, std::uint32_t workers) {
  PsOptions options;
  options.cluster = {servers, workers};
  options.buckets = 64;
  TableSpec table;
  table.id = TableId{4};
  table.name = "ledger";
  table.initializer = {InitializerKind::kZeros, 0};
  table.updater.kind = UpdaterKind::kSgd;
  table.updater.learning_rate.rate = 1;
  options.tables = {table};
  options.mode = TrainMode::kAsync;
  options.job_hash = 99;
  return options;
}

inline PsOptions WithDense(PsOptions options) {
  options.dense.blocks = {{"w", 7, 1, 0, {}, 0, 0}};
  options.dense.updater.kind = UpdaterKind::kAdagrad;
  options.dense_on_server = true;
  options.initial_dense = [](const std::vector<double>&) {
    return std::vector<float>{1, 2, 3, 4, 5, 6, 7};
  };
  return options;
}

inline Order LoadOrder(const std::string& directory) {
  Order order;
  order.kind = OrderKind::kLoad;
  order.directory = directory;
  return order;
}

// Orders a checkpoint and publishes it as the scheduler would.
inline void WriteCheckpointOf(Cluster& cluster, const PsOptions& options, FileSystem& files,
                              const std::string& directory, Step step) {
  ASSERT_TRUE(files.MakeDirectory(directory).ok());
  Order order;
  order.kind = OrderKind::kCheckpoint;
  order.directory = directory;
  CheckpointManifest manifest;
  for (const OrderResult& result : cluster.scheduler.Run(order)) {
    ASSERT_EQ(result.code, Code::kOk) << result.message;
    manifest.updates = result.updates;
  }
  for (std::uint32_t server = 0; server < options.cluster.servers; ++server) {
    const WrittenFiles written = cluster.scheduler.Written(server, directory);
    ASSERT_EQ(written.code, Code::kOk) << written.message;
    EXPECT_EQ(written.files.size(), options.tables.size());
    manifest.files.insert(manifest.files.end(), written.files.begin(), written.files.end());
  }
  if (options.dense_on_server) {
    WorkerThread& worker = *cluster.workers[0];
    const auto dense = Await<StatusOr<DenseState>>(&worker.executor,
                                                   [&] { return worker.client.PullDenseState(); });
    ASSERT_TRUE(dense.ok()) << dense.status().ToString();
    EXPECT_EQ(dense->step, manifest.updates);
    manifest.files.push_back(*WriteDense(files, directory, *dense));
    manifest.dense = options.dense;
  }
  manifest.job_hash = options.job_hash;
  manifest.step = Raw(step);
  manifest.buckets = options.buckets;
  manifest.shards = options.cluster.servers;
  manifest.tables = options.tables;
  ASSERT_TRUE(
      WriteFileAtomically(files, JoinPath(directory, kManifestName), ManifestToJson(manifest))
          .ok());
}

inline std::string DigestOf(FileSystem& files, const std::string& directory) {
  const auto reader = CheckpointReader::Open(&files, directory);
  EXPECT_TRUE(reader.ok()) << reader.status().ToString();
  if (!reader.ok()) return "";
  EXPECT_TRUE((*reader)->VerifyAll().ok());
  return CheckpointDigest(**reader).value();
}

}  // namespace rookery::testing
