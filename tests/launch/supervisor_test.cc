#include "launch/supervisor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/memory_file_system.h"
#include "launch/exit_code.h"

namespace rookery {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

JobEnd Done() {
  return {EndKind::kDone, 0, {}, "", ""};
}
JobEnd Died(const std::string& host) {
  return {EndKind::kRankDied, kExitPeerLost, 2, host, "rank 2 on " + host + " died"};
}
JobEnd Lost(const std::string& host) {
  return {EndKind::kHostLost, kExitPeerLost, {}, host, "host " + host + " was lost"};
}

class SupervisorTest : public ::testing::Test {
 protected:
  SupervisorTest() {
    options_.job.train.batch_size = 240;
    options_.run_directory = "run";
    options_.ranks = 4;
    options_.restarts_max = 3;
    options_.backoff = std::chrono::seconds(1);
    options_.run = [this](const Life& life) -> StatusOr<LifeEnd> {
      lives_.push_back(life);
      if (lives_.size() > ends_.size()) return Internal("one life too many");
      return ends_[lives_.size() - 1];
    };
    options_.wait = [this](Duration wait) {
      waits_.push_back(Seconds(wait));
      return !signal_in_wait_;
    };
    options_.print = [](const std::string&) {};
    EXPECT_TRUE(files_.MakeDirectory("run").ok());
  }
  int Run() {
    const StatusOr<int> status = Supervisor(options_, &files_).Run();
    EXPECT_TRUE(status.ok()) << status.status().ToString();
    return status.ok() ? *status : -1;
  }
  std::string Report() {
    const StatusOr<std::string> text = ReadWholeFile(files_, "run/restarts.json", 1 << 20);
    return text.ok() ? *text : "";
  }

  MemoryFileSystem files_;
  SupervisorOptions options_;
  std::vector<LifeEnd> ends_;
  std::vector<Life> lives_;
  std::vector<double> waits_;
  bool signal_in_wait_ = false;
};

TEST_F(SupervisorTest, AnUndisturbedJobRunsOnceAndLeavesNoReport) {
  ends_ = {{.end = Done()}};
  EXPECT_EQ(Run(), 0);
  EXPECT_EQ(Report(), "");
}

TEST_F(SupervisorTest, ADeadRankIsARestartWithAnAccount) {
  ends_ = {{.end = Died("vm"), .ready_seconds = 0.5, .saved_step = 30, .last_step = 42},
           {.end = Done(), .first_step = 30, .ready_seconds = 2}};
  EXPECT_EQ(Run(), 0);
  ASSERT_EQ(lives_.size(), 2U);
  EXPECT_THAT(lives_[1].overrides, ElementsAre("train.slices=2", "cluster.servers=1"));
  EXPECT_THAT(Report(), HasSubstr("\"steps_replayed\": 12"));
  EXPECT_THAT(Report(), HasSubstr("\"recovery_seconds\": 3.0"));
  EXPECT_THAT(Report(), HasSubstr("\"kind\": \"rank died\""));
}

TEST_F(SupervisorTest, TheWaitDoublesUntilACheckpointIsMade) {
  ends_ = {{.end = Died("vm")},
           {.end = Died("vm")},
           {.end = Died("vm"), .saved_step = 7},
           {.end = Died("vm")}};
  EXPECT_EQ(Run(), kExitPeerLost);
  EXPECT_THAT(waits_, ElementsAre(1.0, 2.0, 1.0));
  EXPECT_EQ(lives_.size(), 4U) << "three restarts are allowed";
}

TEST_F(SupervisorTest, MistakesAndWishesAreNotRestarted) {
  ends_ = {{.end = {EndKind::kInput, kExitInput, 0, "", "wrong"}}};
  EXPECT_EQ(Run(), kExitInput);
  lives_.clear();
  ends_ = {{.end = {EndKind::kStopped, 130, {}, "", "stopped"}}};
  EXPECT_EQ(Run(), 130);
  lives_.clear();
  ends_ = {{.end = Died("vm")}};
  ASSERT_TRUE(WriteFileAtomically(files_, "run/STOP", "").ok());
  EXPECT_EQ(Run(), kExitPeerLost);
  EXPECT_FALSE(files_.Exists("run/STOP"));
}

TEST_F(SupervisorTest, ASignalEndsTheWait) {
  ends_ = {{.end = Died("vm")}};
  signal_in_wait_ = true;
  EXPECT_EQ(Run(), kExitPeerLost);
  EXPECT_EQ(lives_.size(), 1U);
}

TEST_F(SupervisorTest, ALostHostIsDroppedAndWorkersStillDivideTheSlices) {
  ASSERT_TRUE(WriteFileAtomically(files_, "hosts", "a slots=3\nb slots=2\nc slots=3 # big\n").ok());
  options_.hostfile = "hosts";
  options_.ranks = 8;  // 1 server, 6 workers
  ends_ = {{.end = Lost("b")}, {.end = Done()}};
  EXPECT_EQ(Run(), 0);
  ASSERT_EQ(lives_.size(), 2U);
  EXPECT_EQ(lives_[1].hostfile, "run/hosts");
  EXPECT_EQ(*ReadWholeFile(files_, "run/hosts", 100), "a slots=3\nc slots=3 # big\n");
  EXPECT_EQ(lives_[1].cluster, (ClusterShape{1, 3})) << "6 slots: 4 workers do not divide 6 slices";
  EXPECT_THAT(Report(), HasSubstr("\"dropped_host\": \"b\""));
}

TEST_F(SupervisorTest, AHostWhereRanksDieTwiceIsDropped) {
  ASSERT_TRUE(WriteFileAtomically(files_, "hosts", "node-a.local\nnode-b.local\n").ok());
  options_.hostfile = "hosts";
  options_.ranks = 6;
  ends_ = {
      {.end = Died("node-b")}, {.end = Died("node-b")}, {.end = Died("node-a")}, {.end = Done()}};
  EXPECT_EQ(Run(), 0);
  ASSERT_EQ(lives_.size(), 4U);
  EXPECT_EQ(lives_[1].hostfile, "hosts");
  EXPECT_EQ(lives_[2].hostfile, "run/hosts");
  EXPECT_EQ(lives_[2].cluster, (ClusterShape{1, 1}));
  EXPECT_EQ(*ReadWholeFile(files_, "run/hosts", 100), "node-a.local\n") << "the last host stays";
}

TEST(LargestShape, GivesUpServersLast) {
  Job job;
  job.cluster.servers = 4;
  job.train.slices = 4;
  job.train.batch_size = 64;
  EXPECT_EQ(*LargestShape(job, 9), (ClusterShape{4, 4}));
  EXPECT_EQ(*LargestShape(job, 8), (ClusterShape{4, 2}));
  EXPECT_EQ(*LargestShape(job, 5), (ClusterShape{3, 1}));
  EXPECT_EQ(LargestShape(job, 2).status().message(), "the job cannot run on 2 ranks");
}

}  // namespace
}  // namespace rookery
