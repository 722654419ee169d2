#include "common/error.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

namespace rookery {
namespace {

Status Positive(int value) {
  if (value <= 0) return InvalidInput("job.toml:", 3, ":7: ", value, " is not positive");
  return OkStatus();
}

StatusOr<std::unique_ptr<int>> Boxed(int value) {
  ROOKERY_RETURN_IF_ERROR(Positive(value));
  return std::make_unique<int>(value);
}

StatusOr<int> Sum(int a, int b) {
  ROOKERY_ASSIGN_OR_RETURN(const std::unique_ptr<int> first, Boxed(a));
  ROOKERY_ASSIGN_OR_RETURN(const std::unique_ptr<int> second, Boxed(b));
  return *first + *second;
}

TEST(Status, SaysCodeAndMessage) {
  EXPECT_EQ(OkStatus().ToString(), "ok");
  EXPECT_TRUE(Status().ok());
  const Status status = Positive(-2);
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.code(), Code::kInvalidInput);
  EXPECT_EQ(status.message(), "job.toml:3:7: -2 is not positive");
  EXPECT_EQ(status.ToString(), "invalid input: job.toml:3:7: -2 is not positive");
}

TEST(Status, HelpersGiveTheirCodes) {
  EXPECT_EQ(NotFound("x").code(), Code::kNotFound);
  EXPECT_EQ(Corrupt("x").code(), Code::kCorrupt);
  EXPECT_EQ(IoError("x").code(), Code::kIo);
  EXPECT_EQ(Internal("x").code(), Code::kInternal);
}

TEST(Status, EveryCodeHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(Code::kInternal); ++code) {
    names.insert(CodeName(static_cast<Code>(code)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(Code::kInternal) + 1);
  EXPECT_FALSE(names.contains("unknown code"));
  EXPECT_EQ(CodeName(static_cast<Code>(200)), "unknown code");
}

TEST(Annotate, AddsContextInFrontAndKeepsTheCode) {
  const Status status = Annotate(Corrupt("checksum"), "dense.bin", " at byte ", 16);
  EXPECT_EQ(status.ToString(), "corrupt: dense.bin at byte 16: checksum");
  EXPECT_EQ(Annotate(status, "checkpoint 7").message(),
            "checkpoint 7: dense.bin at byte 16: checksum");
  EXPECT_TRUE(Annotate(OkStatus(), "context").ok());
}

TEST(StatusOr, EarlyReturnsMoveValuesAndPassErrors) {
  EXPECT_EQ(*Sum(2, 3), 5);
  EXPECT_EQ(Sum(2, 0).status().message(), "job.toml:3:7: 0 is not positive");
  EXPECT_EQ(Sum(-1, 0).status().message(), "job.toml:3:7: -1 is not positive");
  auto boxed = Boxed(4);
  ASSERT_TRUE(boxed.ok());
  EXPECT_TRUE(boxed.status().ok());
  const std::unique_ptr<int> taken = std::move(boxed).value();
  EXPECT_EQ(*taken, 4);
}

TEST(StatusOr, AnOkStatusIsNoValue) {
  const StatusOr<int> nothing = OkStatus();
  EXPECT_FALSE(nothing.ok());
  EXPECT_EQ(nothing.status().code(), Code::kInternal);
}

TEST(StrCat, JoinsWhateverStreams) {
  EXPECT_EQ(StrCat("a", 1, std::string("b"), 2.5, 'c'), "a1b2.5c");
}

}  // namespace
}  // namespace rookery
