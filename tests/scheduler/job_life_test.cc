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
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

SchedulerOptions Options(std::uint64_t epochs) {
  SchedulerOptions options;
  options.cluster = {1, 2};
  options.version = "1.0";
  options.job_hash = 17;
  options.epochs = epochs;
  options.metric = "auc";
  return options;
}

JobState StateOf(MemoryFileSystem& files, const std::string& checkpoint) {
  StatusOr<JobState> state = ReadJobState(files, "run/checkpoints/" + checkpoint);
  EXPECT_TRUE(state.ok()) << state.status().ToString();
  return state.ok() ? *state : JobState{};
}

TEST(JobLife, TrainsValidatesTestsCheckpointsAndStops) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(2);
  options.valid_files = 1;
  options.test_files = 1;
  FakeCluster cluster(options, &files);
  cluster.valid_metrics = {"0.7", "0.8"};
  const Status status = cluster.Run();
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_THAT(cluster.log("worker 0"),
              ElementsAre("train epoch 0 from 0 to 0", "valid", "train epoch 1 from 5 to 0",
                          "valid", "test", "checkpoint at 10", "stop"));
  EXPECT_THAT(cluster.log("worker 1"),
              ElementsAre("train epoch 0 from 0 to 0", "valid", "train epoch 1 from 5 to 0",
                          "valid", "test", "stop"));
  EXPECT_THAT(cluster.log("server 0"), ElementsAre("checkpoint at 10", "stop"));
  EXPECT_THAT(cluster.printed(),
              ElementsAre("valid:  auc 0.7000", "valid, item:unseen, 3 examples:  auc 0.7000",
                          "valid:  auc 0.8000", "valid, item:unseen, 3 examples:  auc 0.8000",
                          "test:  auc 0.5000", "test, item:unseen, 3 examples:  auc 0.5000",
                          "checkpoint run/checkpoints/00000001 at step 10"));
  EXPECT_EQ(ReadWholeFile(files, "run/summary.json", 1U << 20U).value(), cluster.summary());
  for (const char* part :
       {"\"examples\": 200", "\"epochs\": 2", "\"steps\": 10", "\"best_epoch\": 2", "\"auc\": 0.8",
        "\"auc\": 0.5", "\"item:unseen:auc\": 0.8", "\"item:unseen:examples\": 3"}) {
    EXPECT_THAT(cluster.summary(), HasSubstr(part));
  }
}

TEST(JobLife, PausesAtStepsForCheckpointsAndKeepsTheNewest) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(1);
  options.checkpoint_every_steps = 2;
  options.checkpoints_kept = 2;
  FakeCluster cluster(options, &files);
  ASSERT_TRUE(cluster.Run().ok());
  EXPECT_THAT(
      cluster.log("worker 0"),
      ElementsAre("train epoch 0 from 0 to 2", "checkpoint at 2", "train epoch 0 from 2 to 4",
                  "checkpoint at 4", "train epoch 0 from 4 to 6", "checkpoint at 5", "stop"));
  EXPECT_THAT(files.List("run/checkpoints").value(),
              ElementsAre("00000002", "00000003", "CURRENT"));
  EXPECT_TRUE(StateOf(files, "00000002").in_epoch);
  const JobState last = StateOf(files, "00000003");
  EXPECT_FALSE(last.in_epoch);
  EXPECT_TRUE(last.trained);
  EXPECT_EQ(last.examples, 100U);
}

TEST(JobLife, PausesByTheClock) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(1);
  options.checkpoint_every = seconds(1);
  FakeCluster cluster(options, &files);
  cluster.epoch_steps = 50;  // 2.5 s
  ASSERT_TRUE(cluster.Run().ok());
  const std::vector<std::string>& server = cluster.log("server 0");
  ASSERT_EQ(server.size(), 4U);  // after 1 s, after 2 s, at the end, stop
  EXPECT_THAT(server[2], EndsWith(" 50"));
}

TEST(JobLife, EveryEpochHasItsCheckpoint) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(3);
  options.checkpoint_every_epochs = 1;
  FakeCluster cluster(options, &files);
  ASSERT_TRUE(cluster.Run().ok());
  EXPECT_THAT(cluster.log("server 0"),
              ElementsAre("checkpoint at 5", "checkpoint at 10", "checkpoint at 15", "stop"));
}

TEST(JobLife, PatienceEndsTrainingAndTheBestWeightsAreKept) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(10);
  options.valid_files = 1;
  options.patience = 2;
  options.keep_best = true;
  options.checkpoints_kept = 1;
  FakeCluster cluster(options, &files);
  cluster.valid_metrics = {"0.7", "0.8", "0.75", "0.8", "0.8"};
  ASSERT_TRUE(cluster.Run().ok());
  EXPECT_THAT(cluster.log("server 0"),
              ElementsAre("checkpoint at 5", "checkpoint at 10", "load run/checkpoints/00000002",
                          "checkpoint at 20", "stop"));
  EXPECT_THAT(cluster.printed(), Contains("no better auc for 2 epochs: training ends"));
  EXPECT_THAT(cluster.printed(), Contains("keeping the weights of epoch 2 (auc 0.8)"));
  EXPECT_THAT(files.List("run/checkpoints").value(),
              ElementsAre("00000002", "00000003", "CURRENT"));
  EXPECT_THAT(cluster.summary(), HasSubstr("\"best_epoch\": 2"));
}

TEST(JobLife, ASmallerMetricIsBetterWhenTheJobSaysSo) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(3);
  options.valid_files = 1;
  options.keep_best = true;
  options.larger_is_better = false;
  FakeCluster cluster(options, &files);
  cluster.valid_metrics = {"0.7", "0.6", "0.9"};
  ASSERT_TRUE(cluster.Run().ok());
  EXPECT_THAT(cluster.log("server 0"),
              ElementsAre("checkpoint at 5", "checkpoint at 10", "load run/checkpoints/00000002",
                          "checkpoint at 15", "stop"));
}

TEST(JobLife, TheStepLimitEndsTrainingInsideAnEpoch) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(4);
  options.max_steps = 7;
  options.test_files = 1;
  FakeCluster cluster(options, &files);
  ASSERT_TRUE(cluster.Run().ok());
  EXPECT_THAT(cluster.log("worker 0"),
              ElementsAre("train epoch 0 from 0 to 7", "train epoch 1 from 5 to 7", "test",
                          "checkpoint at 7", "stop"));
  EXPECT_THAT(cluster.summary(), HasSubstr("\"steps\": 7"));
}

TEST(JobLife, AStopRequestIsACheckpointFromWhichTheJobGoesOn) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(2);
  options.test_files = 1;
  int asked = 0;
  options.stop_wanted = [&asked] { return ++asked == 1; };  // at 0.1 s, while epoch 0 is trained
  FakeCluster first(options, &files);
  ASSERT_TRUE(first.Run().ok());
  ASSERT_FALSE(first.log("worker 0").empty());
  EXPECT_EQ(first.log("worker 0").front(), "train epoch 0 from 0 to 0");
  EXPECT_THAT(first.log("worker 0"), Not(Contains("test")));
  const std::string current =
      ReadWholeFile(files, "run/checkpoints/CURRENT", 100).value().substr(0, 8);
  const JobState state = StateOf(files, current);
  EXPECT_TRUE(state.in_epoch);
  EXPECT_FALSE(state.trained);
  ASSERT_GT(state.step, 0U);
  ASSERT_LT(state.step, 5U);

  options.stop_wanted = nullptr;
  options.load_directory = "run/checkpoints/" + current;
  FakeCluster second(options, &files);
  ASSERT_TRUE(second.Run().ok());
  EXPECT_THAT(second.log("worker 1"),
              ElementsAre("load run/checkpoints/" + current,
                          StrCat("train epoch 0 from ", state.step, " to 0"),
                          "train epoch 1 from 5 to 0", "test", "stop"));
  EXPECT_EQ(StateOf(files, "0000000" + std::to_string(std::stoi(current) + 1)).examples, 200U);
}

TEST(JobLife, AServerWithoutMemoryEndsTheJobAfterACheckpoint) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(2);
  options.test_files = 1;
  options.checkpoint_at_end = false;
  FakeCluster cluster(options, &files);
  cluster.memory_end = "server 0: full";
  const Status status = cluster.Run();
  EXPECT_EQ(status.code(), Code::kExhausted);
  const std::string current =
      ReadWholeFile(files, "run/checkpoints/CURRENT", 100).value().substr(0, 8);
  const JobState state = StateOf(files, current);
  EXPECT_LT(state.step, 5U);
  EXPECT_EQ(status.message(),
            StrCat("server 0: full; a checkpoint was written at step ", state.step,
                   ": go on with --resume and more servers or a larger limit"));
  EXPECT_THAT(cluster.log("worker 1"), ElementsAre("train epoch 0 from 0 to 0", "stop"));
  EXPECT_TRUE(files.Exists("run/summary.json"));
}

TEST(JobLife, EvaluatesOnly) {
  MemoryFileSystem files;
  {
    FakeCluster trained(Options(1), &files);
    ASSERT_TRUE(trained.Run().ok());
  }
  SchedulerOptions options = Options(1);
  options.evaluate_only = true;
  options.valid_files = 1;
  options.test_files = 1;
  options.load_directory = "run/checkpoints/00000001";
  FakeCluster cluster(options, &files);
  ASSERT_TRUE(cluster.Run().ok());
  EXPECT_THAT(cluster.log("worker 0"),
              ElementsAre("load run/checkpoints/00000001", "valid", "test", "stop"));
  EXPECT_THAT(cluster.log("server 0"), ElementsAre("load run/checkpoints/00000001", "stop"));
  EXPECT_THAT(files.List("run/checkpoints").value(), ElementsAre("00000001", "CURRENT"));
}

TEST(JobLife, AFailedOrderEndsTheJobAndNamesTheNode) {
  MemoryFileSystem files;
  FakeCluster cluster(Options(1), &files);
  cluster.training_failure = InvalidInput("in.csv:9:2: not a number");
  const Status status = cluster.Run();
  EXPECT_EQ(status.code(), Code::kInvalidInput);
  EXPECT_EQ(status.message(), "rank 3 (worker 1) on host (process 0): in.csv:9:2: not a number");
  EXPECT_FALSE(files.Exists("run/summary.json"));
}

TEST(JobLife, ANodeThatDiesInTrainingIsNamedInTime) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(1);
  options.silent_after = seconds(3);
  FakeCluster cluster(options, &files);
  cluster.epoch_steps = 1000;
  cluster.dies_in_training = Rank{2};
  const Status status = cluster.Run();
  EXPECT_EQ(status.code(), Code::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("rank 2 (worker 0) on host (process 0) has been silent"));
}

TEST(JobLife, NodesThatNeverComeAreNamed) {
  MemoryFileSystem files;
  SchedulerOptions options = Options(1);
  options.join_within = seconds(5);
  FakeCluster cluster(options, &files);
  cluster.absent = Rank{1};
  const Status status = cluster.Run();
  EXPECT_EQ(status.ToString(),
            "deadline missed: start: after 5 s nothing was heard of rank 1 (server 0)");
}

}  // namespace
}  // namespace rookery::testing
