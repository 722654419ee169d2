#include "scheduler/file_collector.h"

#include <gtest/gtest.h>

#include "tests/net/testing/manual_executor.h"

namespace rookery {
namespace {

WrittenFiles Written(const std::string& directory, const std::string& file) {
  WrittenFiles written;
  written.directory = directory;
  written.files = {{file, 1, 2, "", 0, 0}};
  written.rows_kept = 10;
  return written;
}

class FileCollectorTest : public ::testing::Test {
 protected:
  void Collect() {
    result_.reset();
    Spawn([](FileCollectorTest* test) -> Task<> {
      StatusOr<CollectedFiles> files = co_await test->collector_.All();
      test->result_.emplace(std::move(files));
    }(this));
  }
  void Run() { executor_.Advance(std::chrono::milliseconds(1)); }

  ManualExecutor executor_;
  FileCollector collector_{&executor_, [](std::size_t node) { return StrCat("node ", node); }};
  std::optional<StatusOr<CollectedFiles>> result_;
};

TEST_F(FileCollectorTest, EndsWhenAllHaveWritten) {
  collector_.Expect("c/1.tmp", {0, 4});
  Collect();
  collector_.OnWritten(4, Written("c/1.tmp", "b"));
  collector_.OnWritten(4, Written("c/1.tmp", "again"));  // every heartbeat says it
  collector_.OnWritten(0, Written("", "nothing yet"));
  collector_.OnWritten(0, Written("c/0.tmp", "earlier"));  // of another checkpoint
  collector_.OnWritten(2, Written("c/1.tmp", "stranger"));
  Run();
  EXPECT_FALSE(result_.has_value());
  collector_.OnWritten(0, Written("c/1.tmp", "a"));
  Run();
  ASSERT_TRUE(result_.has_value() && result_->ok());
  ASSERT_EQ((*result_)->files.size(), 2U);
  EXPECT_EQ((*result_)->files[0].name, "a");
  EXPECT_EQ((*result_)->files[1].name, "b");
  EXPECT_EQ((*result_)->rows_kept, 20U);
  collector_.OnWritten(0, Written("c/1.tmp", "a"));  // late, and to nobody
}

TEST_F(FileCollectorTest, TheFirstFailureEndsIt) {
  collector_.Expect("c/1.tmp", {0, 1});
  Collect();
  WrittenFiles failed = Written("c/1.tmp", "a");
  failed.code = Code::kIo;
  failed.message = "the disk is full";
  collector_.OnWritten(1, failed);
  Run();
  ASSERT_TRUE(result_.has_value());
  EXPECT_EQ(result_->status().code(), Code::kIo);
  EXPECT_EQ(result_->status().message(), "node 1: the disk is full");
}

TEST_F(FileCollectorTest, AFailedJobEndsItNowAndLater) {
  collector_.Expect("c/1.tmp", {0});
  Collect();
  collector_.Fail({Code::kUnavailable, "a node is silent"});
  Run();
  ASSERT_TRUE(result_.has_value());
  EXPECT_EQ(result_->status().message(), "a node is silent");
  collector_.Expect("c/2.tmp", {0});
  Collect();
  Run();
  ASSERT_TRUE(result_.has_value());
  EXPECT_EQ(result_->status().code(), Code::kUnavailable);
}

}  // namespace
}  // namespace rookery
