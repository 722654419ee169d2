// Runs that begin with an earlier one's rows, and runs whose checkpoints add to each other, whole
// jobs on files in memory.

#include "launch/init_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ps/rows_file.h"
#include "tests/launch/testing/cluster_run.h"

namespace rookery {
namespace {

using namespace testing;  // NOLINT: the click job is all of it
using ::testing::HasSubstr;

const std::string kCheckpoints = "run/checkpoints";

void WriteInput(FileSystem& files) {
  WriteText(files, "train-1.csv", ClickRows(300, 1));
  WriteText(files, "train-2.csv", ClickRows(200, 2));
}

StatusOr<PreparedRun> Prepare(FileSystem& files, const std::string& run, Resume resume,
                              const std::string& init_from) {
  ROOKERY_ASSIGN_OR_RETURN(const Job job, ParseJob(kClickJob, "job.toml", {}));
  ROOKERY_ASSIGN_OR_RETURN(const JobPlan plan, MakePlan(files, job, {1, 1}, run, "host"));
  RunRequest request;
  request.job = job;
  request.run_directory = run;
  request.resume = resume;
  request.init_from = init_from;
  return PrepareRun(files, request, plan);
}

std::string DigestAt(FileSystem& files, const std::string& directory) {
  const auto reader = CheckpointReader::Open(&files, directory);
  if (!reader.ok()) return reader.status().ToString();
  const auto digest = CheckpointDigest(**reader);
  return digest.ok() ? *digest : digest.status().ToString();
}

// The power goes at each call of the start in turn.
TEST(InitRun, AnInterruptedStartLeavesTheWholeOrNothing) {
  MemoryFileSystem files;
  WriteInput(files);
  ASSERT_TRUE(RunCluster(files, {"train.max_steps=4"}).status.ok());
  const std::string expected = FinalDigest(files);
  std::uint64_t nothing = 0;
  for (std::uint64_t call = 1;; ++call) {
    SCOPED_TRACE(StrCat("the power goes at call ", call));
    files.StopAt(call);
    const auto stopped = Prepare(files, "next", Resume::kNo, "run");
    files.Crash();
    const auto current = CurrentCheckpoint(files, "next/checkpoints");
    if (current.ok()) {
      EXPECT_EQ(DigestAt(files, *current), expected);
    } else {
      EXPECT_EQ(current.status().code(), Code::kNotFound) << current.status().ToString();
      ++nothing;
    }
    const auto again = Prepare(files, "next", Resume::kLatest, "run");
    ASSERT_TRUE(again.ok()) << again.status().ToString();
    EXPECT_EQ(DigestAt(files, again->load_directory), expected);
    if (stopped.ok()) break;
    ASSERT_TRUE(files.RemoveTree("next").ok());
    ASSERT_LT(call, 2000U);
  }
  EXPECT_GT(nothing, 20U);
}

TEST(InitRun, ADamagedSourceIsRefusedBeforeAnythingIsMade) {
  MemoryFileSystem files;
  WriteInput(files);
  ASSERT_TRUE(RunCluster(files, {"train.max_steps=4"}).status.ok());
  const std::string path = "run/checkpoints/00000001/table-default.shard-0.rows";
  ASSERT_TRUE(files.FlipBit(path, 3000).ok());
  EXPECT_THAT(Prepare(files, "next", Resume::kNo, "run").status().message(),
              HasSubstr(path + ": its checksum"));
  EXPECT_FALSE(files.Exists("next"));
}

// Takes the rows of a full checkpoint apart: `base` gets about half of them right, the others wrong
// or not at all, and `delta` what is missing to the whole.
struct Split {
  BucketRows base;
  BucketRows delta;
};
Split Divide(std::span<const Key> keys, std::span<const float> rows, Random* random) {
  Split split;
  const std::size_t width = rows.size() / keys.size();
  const auto add = [&](BucketRows* to, std::size_t i) {
    to->keys.push_back(keys[i]);
    const auto row = rows.subspan(i * width, width);
    to->rows.insert(to->rows.end(), row.begin(), row.end());
  };
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::uint64_t fate = random->NextBelow(4);
    if (fate != 0) add(&split.base, i);
    if (fate == 1) split.base.rows.back() += 1;
    if (fate <= 1) add(&split.delta, i);
  }
  return split;
}

CheckpointFile WriteTable(FileSystem& files, const std::string& directory, const TableSpec& table,
                          const std::map<std::uint32_t, Split>& parts, BucketRows Split::*part,
                          std::uint32_t row_floats) {
  const std::string name = RowsFileName(table.name, 0);
  const auto writer =
      RowsFileWriter::Create(files, JoinPath(directory, name), {kBucketsDefault, row_floats});
  for (const auto& [bucket, split] : parts) {
    EXPECT_TRUE((*writer)->AddBucket(bucket, split.*part).ok());
  }
  const FileDigest digest = (*writer)->Finish().value();
  return {name, digest.bytes, digest.hash, table.name, 0, (*writer)->rows()};
}

// Replaces the full checkpoint 1 of one table by 2, and 3 that adds to it.
void ReplaceByChain(FileSystem& files) {
  const std::string full = JoinPath(kCheckpoints, "00000001");
  const auto reader = CheckpointReader::Open(&files, full);
  ASSERT_TRUE(reader.ok()) << reader.status().ToString();
  CheckpointManifest manifest = (*reader)->manifest();
  manifest.shards = 1;
  ASSERT_EQ(manifest.tables.size(), 1U);
  Random random(9, Purpose::kTest);
  std::map<std::uint32_t, Split> parts;
  std::uint32_t row_floats = 0;
  const auto divide = [&](std::span<const Key> keys, std::span<const float> rows) {
    row_floats = static_cast<std::uint32_t>(rows.size() / keys.size());
    parts[Raw(BucketOf(keys[0], kBucketsDefault))] = Divide(keys, rows, &random);
    return OkStatus();
  };
  ASSERT_TRUE((*reader)->ReadRows(manifest.tables[0], 0, kBucketsDefault, divide).ok());
  const std::vector<CheckpointFile> whole = manifest.files;
  for (const std::uint64_t number : {2, 3}) {
    const std::string directory = JoinPath(kCheckpoints, CheckpointName(number));
    ASSERT_TRUE(files.MakeDirectory(directory).ok());
    manifest.number = number;
    manifest.base = number == 2 ? "" : "00000002";
    manifest.files = {WriteTable(files, directory, manifest.tables[0], parts,
                                 number == 2 ? &Split::base : &Split::delta, row_floats)};
    for (const CheckpointFile& file : whole) {
      if (!file.table.empty()) continue;
      const auto text = ReadWholeFile(files, JoinPath(full, file.name), 1U << 20U);
      WriteText(files, JoinPath(directory, file.name), *text);
      manifest.files.push_back(file);
    }
    WriteText(files, JoinPath(directory, kManifestName), ManifestToJson(manifest));
  }
  WriteText(files, JoinPath(kCheckpoints, kCurrentName), "00000003\n");
}

TEST(Chain, AJobGoesOnFromOneAsFromTheFullCheckpoint) {
  for (const std::uint32_t servers : {1U, 3U}) {
    MemoryFileSystem whole;
    WriteInput(whole);
    ASSERT_TRUE(RunCluster(whole, {"train.epochs=2"}).status.ok());
    MemoryFileSystem files;
    WriteInput(files);
    ASSERT_TRUE(RunCluster(files, {"train.epochs=2", "train.max_steps=4"}, {2, 1}).status.ok());
    const std::string stopped = FinalDigest(files);
    ReplaceByChain(files);
    EXPECT_EQ(FinalDigest(files), stopped);
    ASSERT_TRUE(files.RemoveTree(JoinPath(kCheckpoints, "00000001")).ok());
    const ClusterRun again = RunCluster(files, {"train.epochs=2"}, {servers, 2}, Resume::kLatest);
    ASSERT_TRUE(again.status.ok()) << again.status.ToString();
    EXPECT_EQ(FinalDigest(files), FinalDigest(whole));
  }
}

TEST(Chain, OneWithADamagedBaseIsNotGood) {
  MemoryFileSystem files;
  WriteInput(files);
  ASSERT_TRUE(RunCluster(files, {"train.max_steps=4"}).status.ok());
  ReplaceByChain(files);
  EXPECT_EQ(Prepare(files, "run", Resume::kLatest, "")->load_directory, "run/checkpoints/00000003");
  const std::string path = "run/checkpoints/00000002/table-default.shard-0.rows";
  ASSERT_TRUE(files.FlipBit(path, 3000).ok());
  EXPECT_THAT(Prepare(files, "run", Resume::kLatest, "").status().message(),
              HasSubstr(path + ": its checksum"));
  EXPECT_EQ(Prepare(files, "run", Resume::kLatestGood, "")->load_directory,
            "run/checkpoints/00000001");
  ASSERT_TRUE(files.RemoveTree("run/checkpoints/00000002").ok());
  EXPECT_EQ(Prepare(files, "run", Resume::kLatestGood, "")->load_directory,
            "run/checkpoints/00000001");
}

}  // namespace
}  // namespace rookery
