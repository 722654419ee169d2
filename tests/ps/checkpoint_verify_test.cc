// What is wrong with a checkpoint: everything that a reader could find, and where.

#include "ps/checkpoint_verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "io/memory_file_system.h"
#include "tests/ps/testing/checkpoint_links.h"

namespace rookery {
namespace {

using namespace testing;  // NOLINT: the sample is all of it
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(CheckpointVerify, AGoodChainIsGood) {
  MemoryFileSystem files;
  WriteLink(files, 1, 0, 2, SampleRows(50));
  WriteLink(files, 2, 1, 1, SampleRows(3));
  CheckpointVerifier verifier(&files);
  const CheckpointVerdict full = verifier.Verify(DirectoryOfNumber(1));
  EXPECT_TRUE(full.good());
  EXPECT_EQ(full.chain, 1U);
  EXPECT_EQ(full.files, 5U);  // two tables by two servers, dense.bin
  const CheckpointVerdict delta = verifier.Verify(DirectoryOfNumber(2));
  EXPECT_TRUE(delta.good());
  EXPECT_EQ(delta.base, "00000001");
  EXPECT_EQ(delta.chain, 2U);
  EXPECT_EQ(delta.files, 7U);  // its own three, four rows files
  EXPECT_GT(delta.bytes, full.bytes);
}

TEST(CheckpointVerify, EveryFlippedBitIsFoundAndThePlaceOfRowsIsTold) {
  MemoryFileSystem files;
  WriteLink(files, 1, 0, 1, SampleRows(4));
  for (const std::string& name :
       {RowsFileName("user", 0), RowsFileName("item", 0), std::string(kDenseName)}) {
    const std::string path = JoinPath(DirectoryOfNumber(1), name);
    const std::uint64_t bits = files.FileSize(path).value() * 8;
    for (std::uint64_t bit = 0; bit < bits; bit += 3) {
      ASSERT_TRUE(files.FlipBit(path, bit).ok());
      const CheckpointVerdict verdict = CheckpointVerifier(&files).Verify(DirectoryOfNumber(1));
      EXPECT_THAT(verdict.damage, ElementsAre(StartsWith(path + ": "))) << "bit " << bit;
      if (name != kDenseName) {
        EXPECT_THAT(verdict.damage.front(), ::testing::Not(HasSubstr("MANIFEST"))) << bit;
      }
      ASSERT_TRUE(files.FlipBit(path, bit).ok());
    }
  }
}

TEST(CheckpointVerify, AllDamageIsListedAndADeltaHasThatOfItsBase) {
  MemoryFileSystem files;
  WriteLink(files, 1, 0, 2, SampleRows(50));
  WriteLink(files, 2, 1, 1, SampleRows(3));
  const std::string base = JoinPath(DirectoryOfNumber(1), RowsFileName("user", 1));
  const std::string own = JoinPath(DirectoryOfNumber(2), kDenseName);
  ASSERT_TRUE(files.FlipBit(base, 500).ok());
  ASSERT_TRUE(files.FlipBit(own, 500).ok());
  CheckpointVerifier verifier(&files);
  EXPECT_THAT(verifier.Verify(DirectoryOfNumber(1)).damage,
              ElementsAre(base + ": byte 16: the block's checksum is wrong"));
  EXPECT_THAT(verifier.Verify(DirectoryOfNumber(2)).damage,
              ElementsAre(own + ": its checksum is not the one in MANIFEST.json",
                          base + ": byte 16: the block's checksum is wrong"));
}

// Written so: every checksum is right, and no server would load it.
TEST(CheckpointVerify, ANumberThatNoReaderTakesIsDamage) {
  MemoryFileSystem files;
  Tables tables = SampleRows(5);
  tables.at("user").begin()->second[1] = std::nanf("");
  WriteLink(files, 1, 0, 1, tables);
  EXPECT_THAT(CheckpointVerifier(&files).Verify(DirectoryOfNumber(1)).damage,
              ElementsAre(HasSubstr(": weight 1 is nan")));
}

TEST(CheckpointVerify, WhatCannotBeOpenedIsDamage) {
  MemoryFileSystem files;
  const CheckpointVerdict verdict = CheckpointVerifier(&files).Verify("nowhere");
  EXPECT_EQ(verdict.chain, 0U);
  EXPECT_THAT(verdict.damage, ElementsAre(StartsWith("nowhere/MANIFEST.json: is missing")));
}

}  // namespace
}  // namespace rookery
