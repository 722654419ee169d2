#include "launch/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace rookery {
namespace {

TEST(RunChild, ReturnsStatusAndErrors) {
  const auto result = RunChild({"sh", "-c", "echo \"$A\" >&2; exit 3"}, {"A=some words"});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->status, 3);
  EXPECT_EQ(result->errors, "some words\n");
}

TEST(RunChild, ASignalIsAStatusAbove128) {
  const auto result = RunChild({"sh", "-c", "kill -9 $$"}, {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->status, 128 + SIGKILL);
}

TEST(RunChild, PassesSignalsOnAndRestoresHandlers) {
  struct sigaction before = {};
  ASSERT_EQ(sigaction(SIGUSR1, nullptr, &before), 0);
  const auto result = RunChild(
      {"sh", "-c", "trap 'exit 42' USR1; kill -USR1 $PPID; while :; do sleep 0.01; done"}, {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->status, 42);
  struct sigaction after = {};
  ASSERT_EQ(sigaction(SIGUSR1, nullptr, &after), 0);
  EXPECT_EQ(after.sa_handler, before.sa_handler);
}

TEST(RunChild, AnAbsentProgram) {
  const auto result = RunChild({"rookery-no-such-program"}, {});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->status, 127);
}

TEST(OutputOf, BothStreams) {
  const auto output = OutputOf({"sh", "-c", "echo a; echo b >&2"});
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(*output, "a\nb\n");
  EXPECT_EQ(OutputOf({"rookery-no-such-program"}).status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace rookery
