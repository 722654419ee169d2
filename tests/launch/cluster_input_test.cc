// Input that is wrong, extreme or hardly there, in whole jobs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>

#include "tests/launch/testing/cluster_run.h"

namespace rookery::testing {
namespace {

using ::testing::HasSubstr;
using Overrides = std::vector<std::string>;

TEST(ClusterInput, AnErrorInALateLineEndsTheJobWithItsPlace) {
  for (const ClusterShape& cluster : {ClusterShape{1, 1}, ClusterShape{2, 4}}) {
    MemoryFileSystem files;
    WriteText(files, "train-0.csv", ClickRows(400, 1));
    WriteText(files, "train-1.csv", ClickRows(200, 2) + "1,a1,b1,c1,oops\n" + ClickRows(50, 3));
    // The first pass sees only the head, so the line is met while training.
    const ClusterRun run = RunCluster(files, {"data.fit_examples=100"}, cluster);
    EXPECT_EQ(run.status.code(), Code::kInvalidInput);
    EXPECT_THAT(run.status.message(), HasSubstr("train-1.csv:201:"));
    EXPECT_THAT(run.status.message(), HasSubstr("(worker "));
    EXPECT_FALSE(files.Exists("run/checkpoints/CURRENT"));
  }
}

TEST(ClusterInput, AnErrorInTheTestSetIsReportedToo) {
  MemoryFileSystem files;
  WriteText(files, "train-0.csv", ClickRows(100, 1));
  WriteText(files, "test.csv", ClickRows(10, 2) + "nan,a1,b1,c1,1\n");
  const ClusterRun run = RunCluster(files, {"data.test=[\"test.csv\"]"}, {1, 2});
  EXPECT_EQ(run.status.code(), Code::kInvalidInput);
  EXPECT_THAT(run.status.message(), HasSubstr("test.csv:11:"));
}

TEST(ClusterInput, FewerRowsThanSlicesWorkersOrABatch) {
  for (const char* mode : {"sync", "async", "bounded"}) {
    for (const std::size_t rows : {1U, 3U}) {
      SCOPED_TRACE(StrCat(mode, ", ", rows, " rows"));
      MemoryFileSystem files;
      WriteText(files, "train-0.csv", ClickRows(rows, 1));
      const ClusterRun run = RunCluster(
          files, {StrCat("train.mode=\"", mode, "\""), "train.epochs=2", "train.dense=\"server\""},
          {2, 4});
      ASSERT_TRUE(run.status.ok()) << run.status.ToString();
      EXPECT_EQ(run.Count("examples"), 2 * rows);
      EXPECT_EQ(FinalDigest(files).size(), 32U);
    }
  }
}

TEST(ClusterInput, AnEmptyFileIsRefusedByName) {
  MemoryFileSystem files;
  WriteText(files, "train-0.csv", ClickRows(20, 1));
  WriteText(files, "train-1.csv", "");
  const ClusterRun run = RunCluster(files);
  EXPECT_EQ(run.status.code(), Code::kInvalidInput);
  EXPECT_THAT(run.status.message(), HasSubstr("train-1.csv"));
}

TEST(ClusterInput, AFileOfCommentsOrBlankLinesAmongOthersIsHarmless) {
  MemoryFileSystem files;
  WriteText(files, "train-0.csv", ClickRows(40, 1));
  WriteText(files, "train-1.csv", "# nothing\n# here\n");
  WriteText(files, "train-2.csv", ClickRows(40, 2));
  const ClusterRun run = RunCluster(files, {"data.skip_prefixes=[\"#\"]"}, {1, 2});
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_EQ(run.Count("examples"), 80U);
}

// Everything in the final checkpoint is a number (reading refuses others, and says which).
Status ReadAllWeights(FileSystem& files) {
  ROOKERY_ASSIGN_OR_RETURN(const std::string current, CurrentCheckpoint(files, "run/checkpoints"));
  ROOKERY_ASSIGN_OR_RETURN(const auto reader, CheckpointReader::Open(&files, current));
  ROOKERY_RETURN_IF_ERROR(reader->VerifyAll());
  ROOKERY_ASSIGN_OR_RETURN(const DenseState dense, reader->ReadDense());
  for (float weight : dense.weights) {
    if (!std::isfinite(weight)) return Corrupt("dense weight ", weight);
  }
  return reader->ReadRows(reader->manifest().tables[0], 0, reader->manifest().buckets,
                          [](std::span<const Key>, std::span<const float> rows) {
                            for (float value : rows) {
                              if (!std::isfinite(value)) return Corrupt("row value ", value);
                            }
                            return OkStatus();
                          });
}

TEST(ClusterInput, GradientsThatAreNoNumbersAreRefusedAndCounted) {
  for (const char* dense : {"allreduce", "server"}) {
    SCOPED_TRACE(dense);
    MemoryFileSystem files;
    WriteText(files, "train-0.csv", ClickRows(200, 1));
    const ClusterRun run = RunCluster(
        files,
        {"table.default.learning_rate=1e15", "table.default.updater=\"sgd\"", "train.epochs=4",
         "model.loss=\"squared\"", StrCat("train.dense=\"", dense, "\"")},
        {2, 2});
    ASSERT_TRUE(run.status.ok()) << run.status.ToString();
    EXPECT_GT(run.Count("refused_gradients"), 0U);
    EXPECT_NE(run.Count("refused_gradients"), ~std::uint64_t{0});
    const Status whole = ReadAllWeights(files);
    EXPECT_TRUE(whole.ok()) << whole.ToString();
  }
}

}  // namespace
}  // namespace rookery::testing
