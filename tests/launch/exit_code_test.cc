#include "launch/exit_code.h"

#include <gtest/gtest.h>

#include <csignal>
#include <set>

namespace rookery {
namespace {

TEST(ExitCode, OfAStatus) {
  EXPECT_EQ(ExitCodeOf(OkStatus()), 0);
  EXPECT_EQ(ExitCodeOf(InvalidInput("x")), 2);
  EXPECT_EQ(ExitCodeOf(NotFound("x")), 2);
  EXPECT_EQ(ExitCodeOf({Code::kUnavailable, "x"}), 3);
  EXPECT_EQ(ExitCodeOf({Code::kDeadline, "x"}), 3);
  EXPECT_EQ(ExitCodeOf({Code::kExhausted, "x"}), 4);
  EXPECT_EQ(ExitCodeOf({Code::kDiverged, "x"}), 5);
  EXPECT_EQ(ExitCodeOf(Internal("x")), 6);
  EXPECT_EQ(ExitCodeOf(IoError("x")), 1);
  EXPECT_EQ(ExitCodeOf(Corrupt("x")), 1);
}

TEST(ExitCode, OfASignal) {
  EXPECT_EQ(ExitCodeOfSignal(SIGKILL), 3);
  EXPECT_EQ(ExitCodeOfSignal(SIGSEGV), 6);
  EXPECT_EQ(ExitCodeOfSignal(SIGABRT), 6);
}

TEST(ExitCode, AllDiffer) {
  const std::set<int> codes = {kExitDone,   kExitFailed,   kExitInput,   kExitPeerLost,
                               kExitMemory, kExitDiverged, kExitInternal};
  EXPECT_EQ(codes.size(), 7U);
}

}  // namespace
}  // namespace rookery
