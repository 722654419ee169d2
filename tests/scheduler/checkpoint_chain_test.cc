#include "scheduler/checkpoint_chain.h"

#include <gtest/gtest.h>

#include "io/memory_file_system.h"

namespace rookery {
namespace {

CheckpointManifest Manifest(std::uint64_t number, const std::string& base, std::uint64_t bytes) {
  CheckpointManifest manifest;
  manifest.number = number;
  manifest.base = base;
  manifest.tables.resize(1);
  manifest.tables[0].name = "t";
  manifest.files = {{RowsFileName("t", 0), bytes, 0, "t", 0, 1}, {"input.bin", 1000, 0, "", 0, 0}};
  return manifest;
}

TEST(CheckpointChain, OneOfSoManyIsWhole) {
  CheckpointChain chain;
  EXPECT_EQ(chain.Base(3), "");  // there is nothing to add to
  chain.OnPublished(Manifest(7, "", 100));
  EXPECT_EQ(chain.Base(1), "");
  EXPECT_EQ(chain.Base(3), "00000007");
  chain.OnPublished(Manifest(8, "00000007", 10));
  EXPECT_EQ(chain.Base(2), "");
  EXPECT_EQ(chain.Base(3), "00000008");
  chain.OnPublished(Manifest(9, "00000008", 10));
  EXPECT_EQ(chain.Base(3), "");
  chain.OnPublished(Manifest(10, "", 100));
  EXPECT_EQ(chain.Base(3), "00000010");
}

TEST(CheckpointChain, WhatIsAddedStaysBelowHalfOfTheWhole) {
  CheckpointChain chain;
  chain.OnPublished(Manifest(1, "", 100));
  chain.OnPublished(Manifest(2, "00000001", 30));
  EXPECT_EQ(chain.Base(64), "00000002");
  chain.OnPublished(Manifest(3, "00000002", 20));
  EXPECT_EQ(chain.Base(64), "00000003");
  chain.OnPublished(Manifest(4, "00000003", 1));  // other files do not count
  EXPECT_EQ(chain.Base(64), "");
}

TEST(CheckpointChain, IsReadFromManifests) {
  MemoryFileSystem files;
  ASSERT_TRUE(files.MakeDirectory("c").ok());
  const auto write = [&](const CheckpointManifest& manifest) {
    const std::string directory = JoinPath("c", CheckpointName(manifest.number));
    ASSERT_TRUE(files.MakeDirectory(directory).ok());
    ASSERT_TRUE(
        WriteFileAtomically(files, JoinPath(directory, kManifestName), ManifestToJson(manifest))
            .ok());
  };
  write(Manifest(1, "", 100));
  write(Manifest(3, "00000001", 30));
  write(Manifest(4, "00000003", 10));
  const auto chain = CheckpointChain::Read(files, "c", "00000004");
  ASSERT_TRUE(chain.ok()) << chain.status().ToString();
  EXPECT_EQ(chain->Base(3), "");
  EXPECT_EQ(chain->Base(4), "00000004");
  write(Manifest(6, "00000005", 10));
  EXPECT_FALSE(CheckpointChain::Read(files, "c", "00000006").ok());
}

}  // namespace
}  // namespace rookery
