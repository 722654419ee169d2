// Checkpoints by number, full or delta, of the tables of checkpoint_sample.h.
#pragma once

#include <map>
#include <string>

#include "tests/ps/testing/checkpoint_sample.h"

namespace rookery::testing {

using Tables = std::map<std::string, Rows>;

inline std::string DirectoryOfNumber(std::uint64_t number) {
  return JoinPath("run/checkpoints", CheckpointName(number));
}

// Writes `tables` as checkpoint `number` by `shards` servers; `base` 0: a full one.
inline CheckpointManifest WriteLink(FileSystem& files, std::uint64_t number, std::uint64_t base,
                                    std::uint32_t shards, const Tables& tables) {
  const std::string directory = DirectoryOfNumber(number);
  EXPECT_TRUE(files.MakeDirectory(directory).ok());
  CheckpointManifest manifest;
  manifest.number = number;
  manifest.base = base == 0 ? "" : CheckpointName(base);
  manifest.buckets = kBuckets;
  manifest.shards = shards;
  manifest.tables = Specs();
  manifest.dense.blocks = {{"w", 5, 1, 0, {}, 0, 0}};
  for (const TableSpec& spec : manifest.tables) {
    for (std::uint32_t shard = 0; shard < shards; ++shard) {
      const auto table = MakeTable(spec, shard, shards);
      for (const auto& [key, row] : tables.at(spec.name)) {
        if (!table->Owns(key)) continue;
        EXPECT_TRUE(table->InsertRow(key, row).ok());
      }
      const auto file = WriteRows(files, directory, table.get(), shard, kBuckets);
      EXPECT_TRUE(file.ok()) << file.status().ToString();
      manifest.files.push_back(*file);
    }
  }
  const auto dense = WriteDense(files, directory, SampleDense());
  EXPECT_TRUE(dense.ok());
  manifest.files.push_back(*dense);
  const std::string path = JoinPath(directory, kManifestName);
  EXPECT_TRUE(WriteFileAtomically(files, path, ManifestToJson(manifest)).ok());
  return manifest;
}

inline void Rewrite(FileSystem& files, const CheckpointManifest& manifest,
                    std::uint64_t directory) {
  const std::string path = JoinPath(DirectoryOfNumber(directory), kManifestName);
  ASSERT_TRUE(WriteFileAtomically(files, path, ManifestToJson(manifest)).ok());
}

}  // namespace rookery::testing
