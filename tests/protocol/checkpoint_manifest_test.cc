#include "protocol/checkpoint_manifest.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <functional>

#include "common/hash.h"
#include "common/limits.h"

namespace rookery {
namespace {

CheckpointManifest Sample() {
  CheckpointManifest manifest;
  manifest.rookery_version = "0.1.0";
  manifest.job_hash = 0x00c0ffee00c0ffeeU;
  manifest.number = 420;
  manifest.base = "00000419";
  manifest.step = 84000;
  manifest.updates = 84001;
  manifest.buckets = 64;
  manifest.shards = 2;
  TableSpec user;
  user.id = TableId{3};
  user.name = "user";
  user.dim = 17;
  user.zero_columns = 1;
  user.seed = UINT64_MAX;
  user.initializer = {InitializerKind::kXavier, 0.1F};
  user.updater.kind = UpdaterKind::kAdam;
  user.updater.learning_rate = {ScheduleKind::kCosine, 0.3F, 10, 20, 30, 0.7F};
  user.updater.catch_up = true;
  user.updater.l2 = 1e-7F;
  manifest.tables = {user};
  manifest.dense.seed = 5;
  manifest.dense.blocks = {{"a", 2, 3, 0, {}, 0, 0}, {"b", 1, 4, 6, {}, 1, 0.1F}};
  manifest.files = {{RowsFileName("user", 0), 10, 0x0123456789abcdefU, "user", 0, 3},
                    {RowsFileName("user", 1), 11, 2, "user", 1, 0},
                    {std::string(kDenseName), 12, UINT64_MAX, "", 0, 0}};
  return manifest;
}

std::string ErrorOf(const CheckpointManifest& manifest) {
  return ManifestFromJson(ManifestToJson(manifest), "M").status().message();
}

std::string WithOwnChecksum(std::string text) {
  const std::size_t digits = text.rfind("\"checksum\": \"") + 13;
  text.replace(digits, 16, 16, '0');
  std::array<char, 17> hash{};
  std::snprintf(hash.data(), hash.size(), "%016llx",
                static_cast<unsigned long long>(HashText(text)));
  return text.replace(digits, 16, hash.data());
}

TEST(CheckpointManifest, ComesBack) {
  const CheckpointManifest manifest = Sample();
  const auto read = ManifestFromJson(ManifestToJson(manifest), "M");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(read->format_version, kCheckpointFormatVersion);
  EXPECT_EQ(read->rookery_version, "0.1.0");
  EXPECT_EQ(read->job_hash, manifest.job_hash);
  EXPECT_EQ(read->number, 420U);
  EXPECT_EQ(read->base, "00000419");
  EXPECT_EQ(read->step, 84000U);
  EXPECT_EQ(read->updates, 84001U);
  EXPECT_EQ(read->buckets, 64U);
  EXPECT_EQ(read->shards, 2U);
  EXPECT_EQ(read->tables, manifest.tables);
  EXPECT_EQ(read->dense, manifest.dense);
  EXPECT_EQ(read->files, manifest.files);
}

// The text may gain members only with another format version.
TEST(CheckpointManifest, TextStaysWhatItIs) {
  const std::string text = ManifestToJson(Sample());
  EXPECT_NE(text.find("\"checksum\": \"0123456789abcdef\""), std::string::npos);
  EXPECT_NE(text.find("\"job_hash\": \"00c0ffee00c0ffee\""), std::string::npos);
  EXPECT_NE(text.find("  \"number\": 420,\n  \"base\": \"00000419\",\n"), std::string::npos);
  EXPECT_EQ(HashText(text), 18257666521889841617U) << text;
}

// Written by every program before version 2: without a base, and read as a full checkpoint.
TEST(CheckpointManifest, VersionOneIsStillRead) {
  CheckpointManifest manifest = Sample();
  manifest.format_version = 1;
  const std::string text = ManifestToJson(manifest);
  EXPECT_EQ(HashText(text), 11695814409879171641U) << text;
  const auto read = ManifestFromJson(text, "M");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(read->base, "");
  EXPECT_EQ(read->files, manifest.files);
}

// Version 2 had no clip_cow, clip_cow_floor, trust_max: they read as the defaults.
TEST(CheckpointManifest, VersionTwoIsStillRead) {
  CheckpointManifest manifest = Sample();
  manifest.format_version = 2;
  const std::string text = ManifestToJson(manifest);
  EXPECT_EQ(HashText(text), 5271820687693885555U) << text;
  const auto read = ManifestFromJson(text, "M");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  EXPECT_EQ(read->base, "00000419");
  EXPECT_EQ(read->tables, manifest.tables);
  EXPECT_EQ(read->dense, manifest.dense);
}

// With its own checksum put right, so that only the member is wrong.
TEST(CheckpointManifest, EachVersionHasItsOwnMembers) {
  std::string old = ManifestToJson(Sample());
  old.replace(old.find("\"format_version\": 3"), 19, "\"format_version\": 1");
  EXPECT_EQ(ManifestFromJson(WithOwnChecksum(old), "M").status().message(),
            "M: has 13 members instead of 12");
  CheckpointManifest manifest = Sample();
  manifest.format_version = 1;
  std::string now = ManifestToJson(manifest);
  now.replace(now.find("\"format_version\": 1"), 19, "\"format_version\": 2");
  EXPECT_EQ(ManifestFromJson(WithOwnChecksum(now), "M").status().message(),
            "M: \"base\" is missing");
  manifest.format_version = 2;
  now = ManifestToJson(manifest);
  now.replace(now.find("\"format_version\": 2"), 19, "\"format_version\": 3");
  EXPECT_EQ(ManifestFromJson(WithOwnChecksum(now), "M").status().message(),
            "M: tables[0].updater: \"clip_cow\" is missing");
  now = ManifestToJson(Sample());
  now.replace(now.find("\"format_version\": 3"), 19, "\"format_version\": 2");
  EXPECT_EQ(ManifestFromJson(WithOwnChecksum(now), "M").status().message(),
            "M: tables[0].updater: has 17 members instead of 14");
}

TEST(CheckpointManifest, EveryFlippedBitIsRefusedWithTheName) {
  const std::string text = ManifestToJson(Sample());
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string damaged = text;
    damaged[bit / 8] =
        static_cast<char>(static_cast<unsigned char>(damaged[bit / 8]) ^ (1U << (bit % 8)));
    const auto read = ManifestFromJson(damaged, "dir/MANIFEST.json");
    ASSERT_FALSE(read.ok()) << "byte " << bit / 8 << " bit " << bit % 8;
    EXPECT_TRUE(read.status().message().starts_with("dir/MANIFEST.json:"))
        << read.status().message();
  }
}

TEST(CheckpointManifest, EveryTruncationIsRefused) {
  const std::string text = ManifestToJson(Sample());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(ManifestFromJson(text.substr(0, size), "M").ok()) << size;
  }
}

TEST(CheckpointManifest, AnotherVersionIsNamed) {
  CheckpointManifest manifest = Sample();
  manifest.format_version = 4;
  EXPECT_EQ(ErrorOf(manifest), "M: format version 4, this program reads versions 1 to 3");
  manifest.format_version = 0;
  EXPECT_EQ(ErrorOf(manifest), "M: format version 0, this program reads versions 1 to 3");
}

TEST(CheckpointManifest, WhatContradictsItselfIsRefused) {
  struct Case {
    std::function<void(CheckpointManifest*)> change;
    const char* error;
  };
  const Case cases[] = {
      {[](auto* m) { m->files[2].name = "a/b"; },
       "M: files[2]: \"name\" is no name of a file here: \"a/b\""},
      {[](auto* m) { m->files[2].name = ".."; },
       "M: files[2]: \"name\" is no name of a file here: \"..\""},
      {[](auto* m) { m->files[2].bytes = UINT64_MAX; }, "M: files[2]: \"bytes\" is"},
      {[](auto* m) { m->files[0].table = "item"; },
       "M: table-user.shard-0.rows is of an unknown table \"item\""},
      {[](auto* m) { m->files[0].shard = 2; },
       "M: table-user.shard-0.rows is not the name of shard 2 of 2 of table \"user\""},
      {[](auto* m) { m->files.erase(m->files.begin() + 1); },
       "M: does not list table-user.shard-1.rows"},
      {[](auto* m) { m->files.pop_back(); }, "M: does not list dense.bin"},
      {[](auto* m) { m->files.push_back(m->files[0]); }, "M: lists table-user.shard-0.rows twice"},
      {[](auto* m) { m->base = "../00000419"; },
       "M: \"base\" is no name of a checkpoint: \"../00000419\""},
      {[](auto* m) { m->base = "00000419.tmp"; }, "M: \"base\" is no name of a checkpoint"},
      {[](auto* m) { m->base = "419"; }, "M: \"base\" is no name of a checkpoint: \"419\""},
      {[](auto* m) { m->base = "99999999999999999999"; }, "M: \"base\" is no name of a checkpoint"},
      {[](auto* m) { m->base = "00000420"; },
       "M: \"base\" is 00000420, which is not before checkpoint 420"},
      {[](auto* m) { m->buckets = 3; }, "M: \"buckets\" must be a power of two, at least 2"},
      {[](auto* m) { m->shards = 0; }, "M: \"shards\" is 0"},
      {[](auto* m) { m->shards = kServersMax + 1; }, "M: \"shards\" is"},
      {[](auto* m) { m->tables[0].dim = kDimMax + 1; }, "M: tables[0]: \"dim\" is"},
      {[](auto* m) { m->tables[0].zero_columns = 18; },
       "M: tables[0]: \"zero_columns\" is larger than dim"},
      {[](auto* m) { m->tables.push_back(m->tables[0]); },
       "M: tables[1]: a second table \"user\" or id 3"},
      {[](auto* m) { m->dense.blocks[1].offset = 7; },
       "M: dense.blocks[1]: \"offset\" is 7 where 6 floats come before"},
  };
  for (const Case& item : cases) {
    CheckpointManifest manifest = Sample();
    item.change(&manifest);
    EXPECT_TRUE(ErrorOf(manifest).starts_with(item.error)) << ErrorOf(manifest);
  }
}

TEST(CheckpointManifest, NamesOfFiles) {
  EXPECT_EQ(RowsFileName("user", 12), "table-user.shard-12.rows");
  EXPECT_EQ(RowsFileName("a/b %", 0), "table-a%2Fb%20%25.shard-0.rows");
  EXPECT_EQ(CheckpointName(420), "00000420");
  EXPECT_EQ(CheckpointName(1234567890), "1234567890");
  EXPECT_EQ(CheckpointNumber("00000420"), 420U);
  EXPECT_EQ(CheckpointNumber("1234567890"), 1234567890U);
  for (const char* other : {"", "420", "000000420", "00000420.tmp", "+0000420", "CURRENT"}) {
    EXPECT_FALSE(CheckpointNumber(other).has_value()) << other;
  }
}

}  // namespace
}  // namespace rookery
