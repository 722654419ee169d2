// Jobs that read prepared files, beside the same jobs that read the text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/block_file.h"
#include "launch/prepare_job.h"
#include "tests/launch/testing/cluster_run.h"

namespace rookery::testing {
namespace {

using ::testing::HasSubstr;
using Overrides = std::vector<std::string>;

constexpr const char* kBlocksJob = R"(
seed = 3
[data]
format = "blocks"
train = ["out/train-*.blocks"]
shuffle_window = 128
[model]
name = "deepfm"
hidden = [8]
dropout = 0.25
[table.default]
dim = 4
[train]
slices = 4
batch_size = 64
part_examples = 8
[cluster]
threads = 1
heartbeat_every = "20ms"
)";

void WriteInput(FileSystem& files) {
  WriteText(files, "train-0.csv", ClickRows(210, 1));
  WriteText(files, "train-1.csv", ClickRows(90, 2) + "\n\n" + ClickRows(1, 4));
  WriteText(files, "test.csv", ClickRows(50, 3));
}

Status PrepareClicks(FileSystem& files, PrepareJobOptions options,
                     const Overrides& overrides = {"data.test=[\"test.csv\"]"}) {
  ROOKERY_ASSIGN_OR_RETURN(const Job job, ParseJob(kClickJob, "job.toml", overrides));
  if (options.output.empty()) options.output = "out";
  return PrepareJob(files, job, options).status();
}

ClusterRun Train(FileSystem& files, const char* toml, const Overrides& overrides,
                 const ClusterShape& cluster) {
  return RunCluster(files, overrides, cluster, Resume::kNo, toml);
}

TEST(Blocks, TrainingFromThemGivesTheBitsOfTrainingFromTheText) {
  for (const bool compress : {false, true}) {
    MemoryFileSystem text;
    WriteInput(text);
    const ClusterRun expected =
        Train(text, kClickJob, {"data.test=[\"test.csv\"]", "train.epochs=2"}, {1, 1});
    ASSERT_TRUE(expected.status.ok()) << expected.status.ToString();
    MemoryFileSystem files;
    WriteInput(files);
    PrepareJobOptions options;
    options.compress = compress;
    const Status prepared = PrepareClicks(files, options);
    ASSERT_TRUE(prepared.ok()) << prepared.ToString();
    for (const char* path : {"train-0.csv", "train-1.csv", "test.csv"}) {
      ASSERT_TRUE(files.Remove(path).ok());
    }
    const ClusterRun found =
        Train(files, kBlocksJob, {"data.test=[\"out/test-*.blocks\"]", "train.epochs=2"}, {2, 2});
    ASSERT_TRUE(found.status.ok()) << found.status.ToString();
    EXPECT_EQ(FinalDigest(files), FinalDigest(text));
    EXPECT_FALSE(found.Field("test").is_null());
    EXPECT_EQ(WriteJson(found.Field("test")), WriteJson(expected.Field("test")));
  }
}

TEST(Blocks, AShuffledFileHasTheSameExamplesInAnotherOrder) {
  MemoryFileSystem files;
  WriteInput(files);
  PrepareJobOptions options;
  options.shuffle_bytes = 4000;  // several windows
  ASSERT_TRUE(PrepareClicks(files, options).ok());
  EXPECT_TRUE(files.Exists("out/train-00002.blocks"));
  const ClusterRun found = Train(files, kBlocksJob, {"data.test=[\"test.csv\"]"}, {1, 2});
  ASSERT_TRUE(found.status.ok()) << found.status.ToString();  // the test set is text
}

TEST(Blocks, AJobMayNotSayWhatTheFilesSay) {
  const auto job = ParseJob(kBlocksJob, "job.toml", {"data.chunk_examples=7"});
  EXPECT_EQ(job.status().code(), Code::kInvalidInput);
  EXPECT_THAT(job.status().message(), HasSubstr("data.chunk_examples: prepared files"));
}

TEST(Blocks, TextIsNoPreparedFileAndAPreparedFileIsNoText) {
  MemoryFileSystem files;
  WriteInput(files);
  EXPECT_THAT(Train(files, kBlocksJob, {"data.train=[\"train-0.csv\"]"}, {1, 1}).status.message(),
              HasSubstr("train-0.csv: no prepared file, which data.format = \"blocks\" needs"));
  ASSERT_TRUE(PrepareClicks(files, {}).ok());
  const Status status =
      Train(files, kClickJob, {"data.train=[\"out/train-*.blocks\"]"}, {1, 1}).status;
  EXPECT_EQ(status.code(), Code::kInvalidInput);
  EXPECT_THAT(status.message(), HasSubstr("out/train-00000.blocks: this prepared file"));
}

TEST(Blocks, FilesOfTwoRunsOfPrepareDoNotMixUnlessOneIsLikeTheOther) {
  MemoryFileSystem files;
  WriteInput(files);
  ASSERT_TRUE(PrepareClicks(files, {}).ok());
  const Overrides later = {"data.train=[\"train-1.csv\"]"};
  PrepareJobOptions options;
  options.output = "other";
  ASSERT_TRUE(PrepareClicks(files, options, later).ok());
  const Overrides mixed = {"data.test=[\"other/train-00000.blocks\"]"};
  const Status status = Train(files, kBlocksJob, mixed, {1, 1}).status;
  EXPECT_EQ(status.code(), Code::kInvalidInput);
  EXPECT_THAT(status.message(), HasSubstr("other/train-00000.blocks: this prepared file was made"));
  ASSERT_TRUE(files.RemoveTree("other").ok());
  options.like = "out/train-00000.blocks";
  ASSERT_TRUE(PrepareClicks(files, options, later).ok());
  EXPECT_TRUE(Train(files, kBlocksJob, mixed, {1, 1}).status.ok());
}

TEST(Blocks, PrepareOverwritesNothingAndLeavesNothingHalfDone) {
  MemoryFileSystem files;
  WriteInput(files);
  ASSERT_TRUE(PrepareClicks(files, {}).ok());
  EXPECT_THAT(PrepareClicks(files, {}).message(), HasSubstr("out: already exists"));
  WriteText(files, "bad.csv", ClickRows(40, 1) + "1,a1,b1,c1,oops\n");
  PrepareJobOptions options;
  options.output = "new";
  const Status status =
      PrepareClicks(files, options, {"data.train=[\"bad.csv\"]", "data.fit_examples=10"});
  EXPECT_THAT(status.message(), HasSubstr("bad.csv:41:"));
  EXPECT_FALSE(files.Exists("new"));
}

}  // namespace
}  // namespace rookery::testing
