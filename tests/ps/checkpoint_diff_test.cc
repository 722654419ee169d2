// Differences between checkpoints, with numbers worked out by hand.

#include "ps/checkpoint_diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/memory_file_system.h"
#include "tests/ps/testing/checkpoint_links.h"

namespace rookery {
namespace {

using namespace testing;  // NOLINT: the sample is all of it
using ::testing::ElementsAre;

CheckpointDiff Diff(FileSystem& files, std::uint64_t a, std::uint64_t b) {
  const auto from = CheckpointReader::Open(&files, DirectoryOfNumber(a));
  const auto to = CheckpointReader::Open(&files, DirectoryOfNumber(b));
  EXPECT_TRUE(from.ok() && to.ok()) << from.status().ToString() << to.status().ToString();
  auto diff = DiffCheckpoints(**from, **to);
  EXPECT_TRUE(diff.ok()) << diff.status().ToString();
  return diff.ok() ? std::move(*diff) : CheckpointDiff{};
}

TEST(CheckpointDiff, TheSameContentByOtherServersOrAsADeltaIsTheSame) {
  MemoryFileSystem files;
  Tables tables = SampleRows(200);
  WriteLink(files, 1, 0, 1, tables);
  WriteLink(files, 2, 0, 5, tables);
  const Tables none{{"user", {}}, {"item", {}}};
  WriteLink(files, 3, 1, 2, none);
  EXPECT_TRUE(Diff(files, 1, 2).same());
  EXPECT_TRUE(Diff(files, 3, 2).same());
  EXPECT_EQ(Diff(files, 3, 2).tables[0].rows_a, 200U);
}

// Rows of "user": 3 weights, 3 floats of Adagrad.
TEST(CheckpointDiff, RowsAreCountedAndMeasured) {
  MemoryFileSystem files;
  Tables tables{{"user", {}}, {"item", {}}};
  Rows& user = tables.at("user");
  user[1] = {1, 2, 3, 0, 0, 0};
  user[2] = {1, 2, 3, 0, 0, 0};
  user[3] = {1, 2, 3, 0, 0, 0};
  user[4] = {1, 2, 3, 0, 0, 0};
  WriteLink(files, 1, 0, 2, tables);
  user[1] = {1, 5, 3, 0, 0, 0};    // 3
  user[2] = {1, 2, -1, 9, 9, 9};   // -4
  user[3] = {1, 2, 3, 0, 0, 0.5};  // state alone
  user.erase(4);
  user[77] = {100, 100, 100, 0, 0, 0};
  user[78] = {100, 100, 100, 0, 0, 0};
  WriteLink(files, 2, 0, 3, tables);
  const CheckpointDiff diff = Diff(files, 1, 2);
  ASSERT_EQ(diff.tables.size(), 2U);
  const TableDiff& table = diff.tables[0];
  EXPECT_EQ(table.rows_a, 4U);
  EXPECT_EQ(table.rows_b, 5U);
  EXPECT_EQ(table.added, 2U);
  EXPECT_EQ(table.removed, 1U);
  EXPECT_EQ(table.changed, 3U);
  EXPECT_DOUBLE_EQ(table.change.norm, 5);
  EXPECT_DOUBLE_EQ(table.change.largest, 4);
  EXPECT_EQ(table.largest_key, 2U);
  EXPECT_TRUE(diff.tables[1].same());
  EXPECT_FALSE(diff.same());
}

TEST(CheckpointDiff, TheOrderOfBucketsDoesNotCount) {
  MemoryFileSystem files;
  WriteLink(files, 1, 0, 1, SampleRows(300));
  const CheckpointDiff diff = Diff(files, 1, 1);
  EXPECT_TRUE(diff.same());
  EXPECT_EQ(diff.tables[1].rows_b, 300U);
}

TEST(CheckpointDiff, OptionsTablesAndBlocksThatDifferAreNamed) {
  MemoryFileSystem files;
  const Tables tables = SampleRows(5);
  WriteLink(files, 1, 0, 1, tables);
  CheckpointManifest other = WriteLink(files, 2, 0, 1, tables);
  other.tables[0].updater.learning_rate.rate = 0.5F;
  other.tables[0].seed = 9;
  other.dense.updater.kind = UpdaterKind::kSgd;
  other.dense.blocks = {{"w", 3, 1, 0, {}, 0, 0}, {"new", 2, 1, 3, {}, 0, 0}};
  Rewrite(files, other, 2);
  const CheckpointDiff diff = Diff(files, 1, 2);
  EXPECT_THAT(
      diff.tables[0].options,
      ElementsAre("seed: 1 -> 9", "updater.learning_rate.rate: 0.009999999776482582 -> 0.5"));
  EXPECT_EQ(diff.tables[0].changed, 0U);
  EXPECT_THAT(diff.dense_options, ElementsAre("updater.kind: adagrad -> sgd"));
  ASSERT_EQ(diff.blocks.size(), 2U);
  EXPECT_EQ(diff.blocks[0].shape_a, "5 x 1");
  EXPECT_EQ(diff.blocks[0].shape_b, "3 x 1");
  EXPECT_EQ(diff.blocks[1].shape_a, "");
  EXPECT_EQ(diff.blocks[1].name, "new");
}

TEST(CheckpointDiff, DenseBlocksAreMeasured) {
  MemoryFileSystem files;
  const Tables tables = SampleRows(1);
  WriteLink(files, 1, 0, 1, tables);
  CheckpointManifest other = WriteLink(files, 2, 0, 1, tables);
  DenseState dense = SampleDense();
  dense.weights[1] += 3;
  dense.weights[4] -= 4;
  other.files.back() = WriteDense(files, DirectoryOfNumber(2), dense).value();
  Rewrite(files, other, 2);
  const CheckpointDiff diff = Diff(files, 1, 2);
  ASSERT_EQ(diff.blocks.size(), 1U);
  EXPECT_EQ(diff.blocks[0].changed, 2U);
  EXPECT_DOUBLE_EQ(diff.blocks[0].change.norm, 5);
  EXPECT_DOUBLE_EQ(diff.blocks[0].change.largest, 4);
  EXPECT_EQ(diff.blocks[0].largest_index, 4U);
  EXPECT_TRUE(diff.dense_state_same);
}

}  // namespace
}  // namespace rookery
