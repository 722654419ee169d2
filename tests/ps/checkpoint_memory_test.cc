// Rows kept for a checkpoint count in the server's memory; training waits rather than pass the
// limit.
#include <gtest/gtest.h>

#include "tests/ps/testing/ledger.h"

namespace rookery {
namespace {

using namespace testing;  // NOLINT: the ledger and its cluster

constexpr Key kKeys = 100'000;
constexpr Key kStepKeys = 5000;

std::vector<Key> KeysOfStep(std::uint64_t step) {
  std::vector<Key> keys(kStepKeys);
  for (Key i = 0; i < kStepKeys; ++i) keys[i] = (step * kStepKeys + i) % kKeys;
  return keys;
}

// A server whose rows fill its memory up to the soft limit. What remains is a third of what its
// rows take when all are kept.
PsOptions FullServer() {
  PsOptions options = Ledger(1, 1);
  Table table(options.tables[0], options.buckets, 0, options.buckets);
  RefusedGradients refused;
  for (std::uint64_t step = 0; step < kKeys / kStepKeys; ++step) {
    auto keys = KeysOfStep(step);
    std::ranges::sort(keys, {}, MixKey);
    EXPECT_TRUE(table.Push(keys, std::vector<float>(kStepKeys, 1), 1, &refused).ok());
  }
  options.memory.soft = 0.9;
  options.memory.bytes = table.bytes() * 102 / 90;
  options.checkpoint_rate = 1'000'000;  // bytes a second: 0.4 s for all rows
  return options;
}

class CheckpointMemory : public ::testing::TestWithParam<TrainMode> {};
INSTANTIATE_TEST_SUITE_P(Modes, CheckpointMemory,
                         ::testing::Values(TrainMode::kAsync, TrainMode::kSync));

TEST_P(CheckpointMemory, TrainingWaitsRatherThanPassTheLimit) {
  MemoryFileSystem files;
  PsOptions options = FullServer();
  options.mode = GetParam();
  Cluster cluster(options, &files);
  WorkerThread& worker = *cluster.workers[0];
  std::uint64_t step = 0;
  const auto push_all = [&] {
    for (Key done = 0; done < kKeys; done += kStepKeys, ++step) {
      const auto plans = worker.Plan(KeysOfStep(step));
      const std::vector<float> ones(kStepKeys, 1);
      const Status status = worker.Push(plans, Step{step}, Slice{0}, ones);
      ASSERT_TRUE(status.ok()) << status.ToString();
    }
  };
  push_all();
  ASSERT_TRUE(files.MakeDirectory("c/1").ok());
  Order order;
  order.kind = OrderKind::kCheckpoint;
  order.directory = "c/1";
  ASSERT_EQ(cluster.scheduler.Run(order)[0].code, Code::kOk);
  for (int round = 0; round < 3; ++round) push_all();

  const WrittenFiles written = cluster.scheduler.Written(0, "c/1");
  ASSERT_EQ(written.code, Code::kOk) << written.message;
  const Heartbeat beat = cluster.scheduler.LastBeat(0);
  EXPECT_EQ(beat.table_rows[0], kKeys);
  EXPECT_GT(beat.memory_bytes, options.memory.bytes * 9 / 10);
  EXPECT_LE(beat.memory_bytes, options.memory.bytes);
  EXPECT_EQ(beat.memory_end, "");
  EXPECT_GT(written.rows_kept, kKeys / 10) << "it need not have waited";
  EXPECT_LT(written.rows_kept, kKeys);

  CheckpointManifest manifest;
  manifest.files = written.files;
  manifest.buckets = options.buckets;
  manifest.shards = 1;
  manifest.tables = options.tables;
  ASSERT_TRUE(
      WriteFileAtomically(files, JoinPath("c/1", kManifestName), ManifestToJson(manifest)).ok());
  const auto reader = CheckpointReader::Open(&files, "c/1");
  ASSERT_TRUE(reader.ok()) << reader.status().ToString();
  std::size_t rows = 0;
  const auto look = [&](std::span<const Key>, std::span<const float> values) {
    for (const float value : values) rows += value == -1.0F ? 1 : 0;
    return OkStatus();
  };
  ASSERT_TRUE((*reader)->ReadRows(options.tables[0], 0, options.buckets, look).ok());
  EXPECT_EQ(rows, kKeys) << "rows as at the cut";
  const auto plans = worker.Plan(KeysOfStep(0));
  const auto pulled = worker.Pull(plans, Step{step}, false);
  ASSERT_TRUE(pulled.ok());
  for (const float value : *pulled) ASSERT_EQ(value, -4.0F);
  cluster.Stop();
}

}  // namespace
}  // namespace rookery
