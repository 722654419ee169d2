#include "launch/job_end.h"

#include <gtest/gtest.h>

#include <csignal>

#include "launch/exit_code.h"

namespace rookery {
namespace {

constexpr const char* kKilled =
    "-----\nmpirun noticed that process rank 2 with PID 0 on node vm exited on signal 9 (Killed)."
    "\n-----\n";

TEST(WhyEnded, ARankThatWasKilled) {
  const JobEnd end = WhyEnded({137, kKilled}, {.cluster = ClusterShape{1, 2}});
  EXPECT_EQ(end.kind, EndKind::kRankDied);
  EXPECT_EQ(end.exit_code, kExitPeerLost);
  EXPECT_EQ(end.rank, 2U);
  EXPECT_EQ(end.host, "vm");
  EXPECT_EQ(end.what,
            "rank 2 (worker 0) on vm ended on signal 9 (Killed), perhaps by the out-of-memory "
            "killer");
  EXPECT_TRUE(end.WorthARestart());
}

TEST(WhyEnded, TheOutOfMemoryKiller) {
  const JobEnd end = WhyEnded({137, kKilled}, {.out_of_memory = true});
  EXPECT_EQ(end.kind, EndKind::kOutOfMemory);
  EXPECT_EQ(end.exit_code, kExitMemory);
  EXPECT_EQ(end.what, "rank 2 on vm ended on signal 9 (Killed), by the out-of-memory killer");
  EXPECT_TRUE(end.WorthARestart());
}

TEST(WhyEnded, ACrash) {
  const JobEnd end = WhyEnded(
      {139, "prterun noticed that process rank 1 with PID 7 on node a exited on signal 11."}, {});
  EXPECT_EQ(end.exit_code, kExitInternal);
  EXPECT_EQ(end.what, "rank 1 on a ended on signal 11");
}

TEST(WhyEnded, ASilentRankIsNamedThoughTheSchedulerEndedTheJob) {
  const JobEnd end = WhyEnded(
      {3,
       "rookery: error: rank 3 (worker 1) on node-b (process 71) has been silent for 20.1 s (limit "
       "20 s)\nMPI_ABORT was invoked on rank 0 in communicator MPI_COMM_WORLD\nwith errorcode 3."},
      {});
  EXPECT_EQ(end.kind, EndKind::kRankSilent);
  EXPECT_EQ(end.rank, 3U);
  EXPECT_EQ(end.host, "node-b");
  EXPECT_EQ(end.exit_code, kExitPeerLost);
}

TEST(WhyEnded, ARankThatGaveUp) {
  const std::string abort =
      "rookery: error: disk full\nMPI_ABORT was invoked on rank 1 in communicator MPI_COMM_WORLD\n"
      "with errorcode ";
  const JobEnd failed = WhyEnded({1, abort + "1."}, {.cluster = ClusterShape{1, 1}});
  EXPECT_EQ(failed.kind, EndKind::kRankFailed);
  EXPECT_EQ(failed.what, "rank 1 (server 0) ended with exit status 1: disk full");
  EXPECT_TRUE(failed.WorthARestart());
  EXPECT_FALSE(WhyEnded({4, abort + "4."}, {}).WorthARestart()) << "it would only come again";
  const JobEnd input = WhyEnded({2, abort + "2."}, {});
  EXPECT_EQ(input.kind, EndKind::kInput);
  EXPECT_FALSE(input.WorthARestart());
}

TEST(WhyEnded, ARankThatReturned) {
  EXPECT_EQ(WhyEnded({2, "  Process name: [[21114,1],3]\n  Exit code:    2\n"}, {}).kind,
            EndKind::kInput);
  EXPECT_EQ(WhyEnded({1, "  Process name: [prterun-host-1234@1,5] Exit code:    1\n"}, {}).what,
            "rank 5 ended with exit status 1");
}

// What a rank prints is not to be trusted.
TEST(WhyEnded, NumbersThatAreTooLongSayNothing) {
  const std::string digits(40, '9');
  for (const std::string& text :
       {"process rank " + digits + " with PID 1 on node a exited on signal 9 (Killed).",
        "process rank 1 with PID 1 on node a exited on signal " + digits + ".",
        "MPI_ABORT was invoked on rank " + digits + " in communicator W\nwith errorcode 3.",
        "MPI_ABORT was invoked on rank 1 in communicator W\nwith errorcode " + digits + "."}) {
    EXPECT_FALSE(WhyEnded({1, text}, {}).rank.has_value()) << text;
  }
}

TEST(WhyEnded, ALostHost) {
  const JobEnd end =
      WhyEnded({1,
                "ORTE has lost communication with a remote daemon.\n\n  HNP daemon   "
                ": [[1,0],0] on node a\n  Remote daemon: [[1,0],1] on node b\n"},
               {});
  EXPECT_EQ(end.kind, EndKind::kHostLost);
  EXPECT_EQ(end.host, "b");
  EXPECT_EQ(end.exit_code, kExitPeerLost);
}

TEST(WhyEnded, AWishIsNoFault) {
  EXPECT_EQ(WhyEnded({0, ""}, {.user_signal = SIGUSR1}).kind, EndKind::kDone);
  const JobEnd end = WhyEnded({137, kKilled}, {.user_signal = SIGINT});
  EXPECT_EQ(end.kind, EndKind::kStopped);
  EXPECT_EQ(end.exit_code, 128 + SIGINT);
  EXPECT_FALSE(end.WorthARestart());
}

TEST(WhyEnded, NothingWasSaid) {
  const JobEnd end = WhyEnded({1, "all is well"}, {});
  EXPECT_EQ(end.kind, EndKind::kUnknown);
  EXPECT_EQ(end.exit_code, 1);
  EXPECT_EQ(end.what, "mpirun ended with status 1");
  const JobEnd killed = WhyEnded({137, ""}, {});
  EXPECT_EQ(killed.kind, EndKind::kRankDied);
  EXPECT_EQ(killed.exit_code, kExitPeerLost);
  EXPECT_EQ(killed.what, "a rank ended on signal 9; mpirun did not say which");
}

}  // namespace
}  // namespace rookery
