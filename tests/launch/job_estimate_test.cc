#include "launch/job_estimate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rookery {
namespace {

using ::testing::HasSubstr;

TEST(BytesText, ThreeDigits) {
  EXPECT_EQ(BytesText(0), "0 B");
  EXPECT_EQ(BytesText(999), "999 B");
  EXPECT_EQ(BytesText(1000), "1.0 kB");
  EXPECT_EQ(BytesText(1'449'000'000), "1.4 GB");
  EXPECT_EQ(BytesText(123.4e6), "123 MB");
}

JobEstimate Sample() {
  JobEstimate estimate;
  estimate.cluster = {2, 4};
  estimate.tables = {{"default", {90, 100, 120}, 64, 12'000, 14'000, 50}};
  estimate.server_bytes = 6'000'000'000;
  estimate.server_bytes_high = 7'000'000'000;
  estimate.server_message_bytes = 100'000'000;
  estimate.worker_bytes = 200'000'000;
  estimate.checkpoint_bytes = 10'000'000'000;
  return estimate;
}

TEST(CheckRoom, LimitHoldsPerhapsHoldsAndFails) {
  const auto limit = [](std::uint64_t bytes) {
    return CheckRoom(Sample(), {.memory_limit = bytes, .memory_soft = 0.9}).at(0);
  };
  EXPECT_EQ(limit(8'000'000'000).verdict, Verdict::kOk);
  EXPECT_EQ(limit(7'500'000'000).verdict, Verdict::kWarn);
  const Finding fails = limit(6'000'000'000);
  EXPECT_EQ(fails.verdict, Verdict::kFail);
  // 2 servers of 7.1 GB at most, into 5.4 GB each.
  EXPECT_THAT(fails.what, HasSubstr("needs 6.1 GB, rows may be made up to 5.4 GB"));
  EXPECT_THAT(fails.what, HasSubstr("3 servers or a limit of 7.9 GB would do"));
}

TEST(CheckRoom, WarnsOfMemoryAndDisk) {
  auto found =
      CheckRoom(Sample(), {.ram = 30'000'000'000, .disk = 50'000'000'000, .checkpoints = 3});
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].verdict, Verdict::kOk);
  EXPECT_EQ(found[1].verdict, Verdict::kOk);
  found = CheckRoom(Sample(), {.ram = 10'000'000'000, .disk = 30'000'000'000, .checkpoints = 3});
  EXPECT_EQ(found[0].verdict, Verdict::kWarn);
  EXPECT_THAT(found[0].what, HasSubstr("more machines"));
  EXPECT_EQ(found[1].verdict, Verdict::kWarn);
  EXPECT_THAT(found[1].what, HasSubstr("one more need 40.0 GB, 30.0 GB are free"));
  found = CheckRoom(Sample(), {.ram = 5'000'000'000});
  EXPECT_THAT(found[0].what, HasSubstr("more servers"));
}

TEST(EstimateText, NamesWhatAPersonAsks) {
  const std::string text = EstimateText(Sample(), {{Verdict::kFail, "too much"}});
  for (const char* part : {"2 servers, 4 workers", "100 (90 to 120) rows of 64 bytes", "6.0 GB",
                           "a checkpoint          10.0 GB", "FAIL                  too much"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

}  // namespace
}  // namespace rookery
