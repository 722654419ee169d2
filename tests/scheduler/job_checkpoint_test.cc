// Checkpoints whose files are written while the job goes on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scheduler/job_state.h"
#include "tests/scheduler/testing/fake_cluster.h"

namespace rookery::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

SchedulerOptions Options(std::uint64_t epochs) {
  SchedulerOptions options;
  options.cluster = {1, 2};
  options.version = "1.0";
  options.epochs = epochs;
  options.metric = "auc";
  return options;
}

TEST(JobCheckpoint, TrainingGoesOnWhileFilesAreWritten) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(1);
  options.checkpoint_every_steps = 2;
  options.checkpoint_at_end = false;
  FakeCluster cluster(options, &files);
  cluster.epoch_steps = 3;
  cluster.write_takes = seconds(5);
  ASSERT_TRUE(cluster.Run().ok());
  EXPECT_THAT(cluster.log("worker 0"), ElementsAre("train epoch 0 from 0 to 2", "checkpoint at 2",
                                                   "train epoch 0 from 2 to 4", "stop"));
  // The state is that of the cut, though the job was further when the name was given.
  const StatusOr<JobState> state = ReadJobState(files, "run/checkpoints/00000001");
  ASSERT_TRUE(state.ok()) << state.status().ToString();
  EXPECT_EQ(state->step, 2U);
  EXPECT_TRUE(state->in_epoch);
  EXPECT_GE(cluster.Elapsed(), seconds(5));  // the end waited for it
}

TEST(JobCheckpoint, OneAtATime) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(1);
  options.checkpoint_every_steps = 2;
  options.checkpoints_kept = 10;
  FakeCluster cluster(options, &files);
  cluster.epoch_steps = 6;
  cluster.write_takes = seconds(1);  // 2 steps take 0.1 s
  ASSERT_TRUE(cluster.Run().ok());
  EXPECT_THAT(files.List("run/checkpoints").value(),
              ElementsAre("00000001", "00000002", "00000003", "CURRENT"));
  for (std::uint64_t number = 1; number <= 3; ++number) {
    EXPECT_EQ(ReadJobState(files, "run/checkpoints/" + CheckpointName(number))->step, 2 * number);
  }
}

TEST(JobCheckpoint, TheClockWaitsForTheOneBefore) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(1);
  options.checkpoint_every = milliseconds(500);
  options.checkpoint_at_end = false;
  options.checkpoints_kept = 10;
  FakeCluster cluster(options, &files);
  cluster.epoch_steps = 100;  // 5 s
  cluster.write_takes = milliseconds(1800);
  ASSERT_TRUE(cluster.Run().ok());
  EXPECT_THAT(files.List("run/checkpoints").value(),
              ElementsAre("00000001", "00000002", "00000003", "CURRENT"));
}

TEST(JobCheckpoint, EpochsShorterThanAHeartbeatGetTheirsByTheClock) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(30);  // of 50 ms: the pause is never heard of
  options.checkpoint_every = milliseconds(400);
  options.checkpoint_at_end = false;
  options.checkpoints_kept = 10;
  FakeCluster cluster(options, &files);
  cluster.epoch_steps = 1;
  ASSERT_TRUE(cluster.Run().ok());
  EXPECT_GE(cluster.log("server 0").size(), 3U);  // two checkpoints at least, and stop
}

TEST(JobCheckpoint, AFailedWriteEndsTheJobAndLeavesTheOneBefore) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(1);
  options.checkpoint_every_steps = 2;
  FakeCluster cluster(options, &files);
  cluster.epoch_steps = 1000;
  cluster.write_takes = seconds(1);
  cluster.write_fails = Rank{2};  // worker 0
  const Status status = cluster.Run();
  EXPECT_EQ(status.code(), Code::kIo);
  EXPECT_THAT(status.message(), HasSubstr("worker 0"));
  EXPECT_THAT(status.message(), HasSubstr("the disk is full"));
  EXPECT_FALSE(files.Exists("run/checkpoints/CURRENT"));
}

TEST(JobCheckpoint, ADeathWhileFilesAreWrittenEndsTheJob) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(3);
  options.checkpoint_every_epochs = 1;
  options.silent_after = seconds(2);
  FakeCluster cluster(options, &files);
  cluster.epoch_steps = 1000;
  cluster.dies_after_cut = Rank{1};  // the server
  const Status status = cluster.Run();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("silent"));
  EXPECT_FALSE(files.Exists("run/checkpoints/CURRENT"));
}

TEST(JobCheckpoint, OrdersNameWhatToAddTo) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(1);
  options.checkpoint_every_steps = 1;
  options.checkpoint_full_every = 3;
  options.checkpoint_at_end = false;
  options.checkpoints_kept = 10;
  FakeCluster cluster(options, &files);
  cluster.epoch_steps = 6;
  cluster.adds_to_base = true;
  ASSERT_TRUE(cluster.Run().ok());
  EXPECT_THAT(cluster.bases, ElementsAre("", "00000001", "00000002", "", "00000004"));
}

TEST(JobCheckpoint, ABaseThatNoServerCouldAddToIsNotNamed) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(1);
  options.checkpoint_every_steps = 1;
  options.checkpoint_full_every = 2;
  options.checkpoint_at_end = false;
  FakeCluster cluster(options, &files);
  cluster.epoch_steps = 4;
  ASSERT_TRUE(cluster.Run().ok());
  EXPECT_THAT(cluster.bases, ElementsAre("", "00000001", "00000002"));
}

TEST(JobCheckpoint, AResumedJobAddsToWhatItLoaded) {
  MemoryFileSystem files;
  for (const bool again : {false, true}) {
    SchedulerOptions options = Options(1);
    options.checkpoint_full_every = 3;
    options.checkpoint_every_steps = again ? 2 : 1;
    options.max_steps = again ? 5 : 2;
    options.checkpoints_kept = 10;
    if (again) options.load_directory = "run/checkpoints/00000002";
    FakeCluster cluster(options, &files);
    cluster.epoch_steps = 10;
    cluster.adds_to_base = true;
    ASSERT_TRUE(cluster.Run().ok());
    if (!again) {
      EXPECT_THAT(cluster.bases, ElementsAre("", "00000001"));
    } else {
      EXPECT_THAT(cluster.bases, ElementsAre("00000002", ""));
    }
  }
}

}  // namespace
}  // namespace rookery::testing
