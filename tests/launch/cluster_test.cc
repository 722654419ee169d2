#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/launch/testing/cluster_run.h"

namespace rookery::testing {
namespace {

using ::testing::HasSubstr;
using Overrides = std::vector<std::string>;

constexpr std::size_t kRows = 300;  // no multiple of the batch

void WriteInput(FileSystem& files) {
  WriteText(files, "train-0.csv", ClickRows(kRows - 90, 1));
  WriteText(files, "train-1.csv", ClickRows(90, 2));
}

std::string DigestOf(const ClusterShape& cluster, const Overrides& overrides) {
  MemoryFileSystem files;
  WriteInput(files);
  const ClusterRun run = RunCluster(files, overrides, cluster);
  EXPECT_TRUE(run.status.ok()) << run.status.ToString();
  const std::string digest = FinalDigest(files);
  EXPECT_EQ(digest.size(), 32U) << digest;
  return digest;
}

TEST(Cluster, SyncGivesTheSameBitsOnAnyNumberOfServersAndWorkers) {
  const std::string expected = DigestOf({1, 1}, {});
  for (const std::uint32_t servers : {1U, 2U, 3U}) {
    for (const std::uint32_t workers : {1U, 2U, 4U}) {
      EXPECT_EQ(DigestOf({servers, workers}, {}), expected) << servers << " x " << workers;
    }
  }
  EXPECT_EQ(DigestOf({2, 2}, {"cluster.threads=3", "train.prefetch=5"}), expected);
  EXPECT_NE(DigestOf({1, 1}, {"seed=4"}), expected);
}

TEST(Cluster, SyncWithDenseParametersOnServersIsAsExact) {
  const Overrides on_servers = {"train.dense=\"server\""};
  const std::string expected = DigestOf({1, 1}, on_servers);
  EXPECT_EQ(DigestOf({3, 2}, on_servers), expected);
  EXPECT_EQ(DigestOf({2, 4}, on_servers), expected);
}

// Trust ratios of rows and layers, and the counts of CowClip summed over slices.
TEST(Cluster, LargeBatchRulesAreAsExact) {
  const Overrides rules = {"table.default.updater=\"lamb\"", "table.default.clip_cow=1",
                           "dense.updater=\"lamb\"", "dense.weight_decay=0.01"};
  const std::string expected = DigestOf({1, 1}, rules);
  EXPECT_EQ(DigestOf({3, 2}, rules), expected);
  EXPECT_EQ(DigestOf({2, 4}, rules), expected);
  EXPECT_NE(DigestOf({1, 1}, {rules[0], rules[2], rules[3]}), expected);
}

TEST(Cluster, TheSummaryCountsWhatWasTrained) {
  MemoryFileSystem files;
  WriteInput(files);
  WriteText(files, "test.csv", ClickRows(50, 3));
  const ClusterRun run = RunCluster(files, {"train.epochs=2", "data.test=[\"test.csv\"]"}, {2, 2});
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_EQ(run.Count("examples"), 2 * kRows);
  EXPECT_EQ(run.Count("epochs"), 2U);
  EXPECT_EQ(run.Count("refused_gradients"), 0U);
  EXPECT_TRUE(run.Field("train").as_object().contains("auc"));
  EXPECT_TRUE(run.Field("test").as_object().contains("logloss"));
  const Json tables = run.Field("tables");
  ASSERT_TRUE(tables.as_object().contains("default"));
  EXPECT_GT(tables.at("default").at("rows").to_number<std::uint64_t>(),
            200U);  // also of a short job
}

// mode, dense
class FreeModes : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(FreeModes, EveryExampleIsTrainedOnceAnEpoch) {
  MemoryFileSystem files;
  WriteInput(files);
  const ClusterRun run = RunCluster(
      files,
      {StrCat("train.mode=\"", GetParam().first, "\""),
       StrCat("train.dense=\"", GetParam().second, "\""), "train.epochs=3", "train.batch_size=24"},
      {2, 3});
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_EQ(run.Count("examples"), 3 * kRows);
  EXPECT_EQ(FinalDigest(files).size(), 32U);
}

INSTANTIATE_TEST_SUITE_P(
    Modes, FreeModes,
    ::testing::Values(std::pair{"async", "server"}, std::pair{"async", "allreduce"},
                      std::pair{"bounded", "server"}, std::pair{"bounded", "allreduce"}),
    [](const auto& info) { return StrCat(info.param.first, "_", info.param.second); });

TEST_P(FreeModes, PushesCarryWhatTheRulesForLateOnesNeed) {
  MemoryFileSystem files;
  WriteInput(files);
  const ClusterRun run = RunCluster(
      files,
      {StrCat("train.mode=\"", GetParam().first, "\""),
       StrCat("train.dense=\"", GetParam().second, "\""), "train.epochs=3", "train.batch_size=24",
       "train.staleness_scaling=true", "train.delay_compensation=0.5", "table.default.clip_cow=1"},
      {2, 3});
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_EQ(run.Count("examples"), 3 * kRows);
  EXPECT_EQ(run.Count("refused_gradients"), 0U);
}

TEST(Cluster, StoppedAndResumedAnywhereItEndsWithTheSameBits) {
  const Overrides whole = {"train.epochs=2"};
  const std::string expected = DigestOf({2, 2}, whole);
  for (const int step : {1, 4, 7}) {  // 7: all of the first epoch
    SCOPED_TRACE(StrCat("stopped before step ", step));
    MemoryFileSystem files;
    WriteInput(files);
    const ClusterRun first =
        RunCluster(files, {"train.epochs=2", StrCat("train.max_steps=", step)}, {1, 4});
    ASSERT_TRUE(first.status.ok()) << first.status.ToString();
    EXPECT_EQ(first.Count("steps"), static_cast<std::uint64_t>(step));
    const ClusterRun second = RunCluster(files, whole, {3, 1}, Resume::kLatest);
    ASSERT_TRUE(second.status.ok()) << second.status.ToString();
    EXPECT_EQ(second.Count("examples"), 2 * kRows);  // of both runs
    EXPECT_EQ(FinalDigest(files), expected);
  }
}

TEST(Cluster, AWholeCheckpointWithoutItsNameIsNotResumedFrom) {
  const Overrides whole = {"train.epochs=2"};
  MemoryFileSystem files;
  WriteInput(files);
  ASSERT_TRUE(RunCluster(files, {"train.epochs=2", "train.max_steps=3"}, {2, 2}).status.ok());
  // As a crash before the rename leaves it; the job removes it when it starts.
  ASSERT_TRUE(files.Rename("run/checkpoints/00000001", "run/checkpoints/00000001.tmp").ok());
  ASSERT_TRUE(files.Remove("run/checkpoints/CURRENT").ok());
  const ClusterRun again = RunCluster(files, whole, {2, 2}, Resume::kLatestGood);
  ASSERT_TRUE(again.status.ok()) << again.status.ToString();
  EXPECT_EQ(FinalDigest(files), DigestOf({1, 1}, whole));
}

TEST(Cluster, CheckpointsOnTheWayChangeNothing) {
  MemoryFileSystem files;
  WriteInput(files);
  const ClusterRun run = RunCluster(
      files, {"train.epochs=2", "checkpoint.every_steps=1", "checkpoint.keep=2"}, {2, 2});
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_EQ(FinalDigest(files), DigestOf({1, 1}, {"train.epochs=2"}));
}

TEST(Cluster, PausesOfAFreeJobLoseAndRepeatNothing) {
  MemoryFileSystem files;
  WriteInput(files);
  const ClusterRun run = RunCluster(files,
                                    {"train.mode=\"async\"", "train.dense=\"server\"",
                                     "train.epochs=20", "checkpoint.every=\"100ms\""},
                                    {2, 3});
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_EQ(run.Count("examples"), 20 * kRows);
}

}  // namespace
}  // namespace rookery::testing
