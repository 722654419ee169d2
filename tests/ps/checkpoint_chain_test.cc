// Deltas: a checkpoint that adds to another is read with it as if it were full.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "common/limits.h"
#include "io/memory_file_system.h"
#include "ps/bucket_scan.h"
#include "tests/ps/testing/checkpoint_links.h"

namespace rookery {
namespace {

using namespace testing;  // NOLINT: the sample is all of it
using ::testing::HasSubstr;

std::unique_ptr<CheckpointReader> Open(FileSystem& files, std::uint64_t number) {
  auto reader = CheckpointReader::Open(&files, DirectoryOfNumber(number));
  EXPECT_TRUE(reader.ok()) << reader.status().ToString();
  return reader.ok() ? std::move(*reader) : nullptr;
}

std::string ErrorOf(FileSystem& files, std::uint64_t number) {
  return CheckpointReader::Open(&files, DirectoryOfNumber(number)).status().message();
}

std::vector<float> RandomRow(const TableSpec& spec, Random* random) {
  std::vector<float> row(MakeTable(spec, 0, 1)->row_floats());
  for (float& value : row) value = random->NextFloat() - 0.5F;
  return row;
}

// Changes some rows and makes some; returns exactly these.
Tables Touch(Tables* tables, Random* random) {
  Tables touched;
  for (const TableSpec& spec : Specs()) {
    Rows& rows = (*tables)[spec.name];
    Rows& delta = touched[spec.name];
    const std::uint64_t one_in = 1 + random->NextBelow(20);
    for (auto& [key, row] : rows) {
      if (random->NextBelow(one_in) == 0) delta[key] = row = RandomRow(spec, random);
    }
    for (std::uint64_t made = random->NextBelow(30); made > 0; --made) {
      const Key key = random->Next();
      delta[key] = rows[key] = RandomRow(spec, random);
    }
  }
  return touched;
}

TEST(CheckpointChain, BaseAndDeltasAreTheFullOne) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    Random random(seed, Purpose::kTest);
    const auto shards = [&] { return static_cast<std::uint32_t>(1 + random.NextBelow(5)); };
    MemoryFileSystem files;
    Tables tables = SampleRows(random.NextBelow(200));
    WriteLink(files, 1, 0, shards(), tables);
    const std::uint64_t deltas = random.NextBelow(6);
    std::uint64_t number = 1;
    for (std::uint64_t i = 0; i < deltas; ++i) {
      const Tables touched = Touch(&tables, &random);
      WriteLink(files, number + 1 + i % 2, number, shards(), touched);
      number += 1 + i % 2;
    }
    WriteLink(files, 1000, 0, shards(), tables);
    const auto chain = Open(files, number);
    const auto full = Open(files, 1000);
    ASSERT_TRUE(chain != nullptr && full != nullptr);
    EXPECT_EQ(chain->chain().size(), deltas + 1);
    EXPECT_TRUE(chain->VerifyAll().ok());
    EXPECT_EQ(CheckpointDigest(*chain).value(), CheckpointDigest(*full).value());
    const std::uint32_t servers = shards();
    for (const TableSpec& spec : Specs()) {
      EXPECT_EQ(chain->CountRows(spec).value(), tables.at(spec.name).size());
      Rows loaded;
      for (std::uint32_t server = 0; server < servers; ++server) {
        const auto table = MakeTable(spec, server, servers);
        const Status status = LoadTable(*chain, table.get());
        ASSERT_TRUE(status.ok()) << status.ToString();
        loaded.merge(RowsOf(*table));
      }
      EXPECT_TRUE(SameBits(loaded, tables.at(spec.name))) << spec.name;
    }
  }
}

TEST(CheckpointChain, RowsStayInTheirOrder) {
  MemoryFileSystem files;
  Random random(7, Purpose::kTest);
  Tables tables = SampleRows(300);
  WriteLink(files, 1, 0, 2, tables);
  WriteLink(files, 2, 1, 3, Touch(&tables, &random));
  const auto reader = Open(files, 2);
  std::uint64_t before = 0;
  std::uint64_t rows = 0;
  const auto look = [&](std::span<const Key> keys, std::span<const float> floats) {
    EXPECT_EQ(floats.size(), keys.size() * 6);
    for (const Key key : keys) {
      EXPECT_TRUE(rows == 0 || before < MixKey(key));
      before = MixKey(key);
      ++rows;
    }
    return OkStatus();
  };
  ASSERT_TRUE(reader->ReadRows(Specs()[0], 0, kBuckets, look).ok());
  EXPECT_EQ(rows, tables.at("user").size());
}

TEST(CheckpointChain, IsFoundFromAnywhere) {
  MemoryFileSystem files;
  WriteLink(files, 1, 0, 1, SampleRows(3));
  WriteLink(files, 2, 1, 1, SampleRows(1));
  EXPECT_TRUE(CheckpointReader::Open(&files, "run/checkpoints/00000002/").ok());
}

TEST(CheckpointChain, WhatDoesNotBelongTogetherIsRefusedAndNamed) {
  struct Case {
    std::function<void(CheckpointManifest*)> change;  // of the base
    const char* error;
  };
  const std::string base = "run/checkpoints/00000001/MANIFEST.json";
  const Case cases[] = {
      {[](auto* m) { m->job_hash = 5; }, ": checkpoint 2 adds to it, but it is of another job"},
      {[](auto* m) { m->buckets = 32; },
       ": checkpoint 2 adds to it, but it has 32 buckets where that has 16"},
      {[](auto* m) { m->tables[0].dim = 4; },
       ": checkpoint 2 adds to it, but its tables are others"},
      {[](auto* m) { m->number = 3; }, ": checkpoint 2 adds to it, but it is checkpoint 3"},
  };
  for (const Case& item : cases) {
    MemoryFileSystem files;
    CheckpointManifest manifest = WriteLink(files, 1, 0, 1, SampleRows(2));
    WriteLink(files, 2, 1, 1, SampleRows(1));
    item.change(&manifest);
    Rewrite(files, manifest, 1);
    EXPECT_EQ(ErrorOf(files, 2), base + item.error);
  }
}

TEST(CheckpointChain, AMissingBaseIsNamed) {
  MemoryFileSystem files;
  WriteLink(files, 1, 0, 1, SampleRows(2));
  WriteLink(files, 2, 1, 1, SampleRows(1));
  WriteLink(files, 3, 2, 1, SampleRows(1));
  ASSERT_TRUE(files.RemoveTree(DirectoryOfNumber(1)).ok());
  EXPECT_EQ(ErrorOf(files, 3),
            "run/checkpoints/00000002/MANIFEST.json: adds to 00000001: "
            "run/checkpoints/00000001/MANIFEST.json: is missing, so the checkpoint was never "
            "completed");
}

// Only a copy in a place that is not its own can make one.
TEST(CheckpointChain, ALoopIsRefused) {
  MemoryFileSystem files;
  WriteLink(files, 1, 0, 1, SampleRows(2));
  CheckpointManifest third = WriteLink(files, 3, 1, 1, SampleRows(1));
  Rewrite(files, third, 1);
  EXPECT_THAT(ErrorOf(files, 1), HasSubstr("adds to it, but it is checkpoint 3"));
}

TEST(CheckpointChain, HasALimit) {
  MemoryFileSystem files;
  const Tables none{{"user", {}}, {"item", {}}};
  for (std::uint64_t number = 1; number <= kCheckpointChainMax + 1; ++number) {
    WriteLink(files, number, number - 1, 1, none);
  }
  EXPECT_EQ(Open(files, kCheckpointChainMax)->chain().size(), kCheckpointChainMax);
  EXPECT_EQ(ErrorOf(files, kCheckpointChainMax + 1),
            "run/checkpoints/00000002/MANIFEST.json: ends a chain of 64 checkpoints, and adds to "
            "another");
}

TEST(CheckpointChain, ADamagedBaseIsSeen) {
  MemoryFileSystem files;
  WriteLink(files, 1, 0, 1, SampleRows(20));
  WriteLink(files, 2, 1, 1, SampleRows(1));
  const std::string path = JoinPath(DirectoryOfNumber(1), RowsFileName("item", 0));
  const std::uint64_t bits = files.FileSize(path).value() * 8;
  for (std::uint64_t bit = 5; bit < bits; bit += 97) {
    ASSERT_TRUE(files.FlipBit(path, bit).ok());
    EXPECT_EQ(Open(files, 2)->VerifyAll().message(),
              path + ": its checksum is not the one in MANIFEST.json");
    ASSERT_TRUE(files.FlipBit(path, bit).ok());
  }
  ASSERT_TRUE(files.Remove(path).ok());
  EXPECT_EQ(ErrorOf(files, 2), path + ": is missing, MANIFEST.json lists it");
}

// What a delta has itself does not count in what it adds to.
TEST(CheckpointChain, OldDenseParametersDoNotCount) {
  MemoryFileSystem files;
  WriteLink(files, 1, 0, 1, SampleRows(20));
  WriteLink(files, 2, 1, 1, SampleRows(1));
  ASSERT_TRUE(files.Remove(JoinPath(DirectoryOfNumber(1), kDenseName)).ok());
  EXPECT_TRUE(Open(files, 2)->VerifyAll().ok());
  EXPECT_THAT(ErrorOf(files, 1), HasSubstr("dense.bin: is missing"));
}

}  // namespace
}  // namespace rookery
