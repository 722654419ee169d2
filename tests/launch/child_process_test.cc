#include "launch/child_process.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "launch/user_signals.h"

namespace rookery {
namespace {

TEST(RunChild, ReturnsStatusAndErrors) {
  const auto result =
      RunChild({"sh", "-c", "echo \"$A\" >&2; exit 3"}, {.environment = {"A=some words"}});
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
  {
    const UserSignals signals(true);
    const auto result = RunChild(
        {"sh", "-c", "trap 'exit 42' USR1; kill -USR1 $PPID; while :; do sleep 0.01; done"}, {});
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->status, 42);
    EXPECT_EQ(UserSignals::received(), SIGUSR1);
    EXPECT_FALSE(UserSignals::Wait(std::chrono::hours(1)));
  }
  struct sigaction after = {};
  ASSERT_EQ(sigaction(SIGUSR1, nullptr, &after), 0);
  EXPECT_EQ(after.sa_handler, before.sa_handler);
}

TEST(RunChild, TheFirstSigtermIsAWishAndTheGracePeriodEnds) {
  const UserSignals signals(true);
  const auto result = RunChild({"sh", "-c",
                                "trap 'echo wish >&2' USR1; trap 'exit 43' TERM; kill -TERM $PPID; "
                                "while :; do sleep 0.01; done"},
                               {.grace = std::chrono::milliseconds(300)});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->errors, "wish\n");
  EXPECT_EQ(result->status, 43);
}

TEST(RunChild, HandsOverLinesOfStdout) {
  std::vector<std::string> lines;
  const auto result =
      RunChild({"sh", "-c", "echo one; echo; printf 'two\\nrest'"},
               {.on_line = [&](std::string_view line) { lines.emplace_back(line); }});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(lines, (std::vector<std::string>{"one", "", "two"}));
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
