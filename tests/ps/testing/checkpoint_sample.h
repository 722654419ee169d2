// A small checkpoint for tests: two tables (one of them catches up), dense parameters, a text.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/hash.h"
#include "common/random.h"
#include "io/file_system.h"
#include "ps/checkpoint_reader.h"
#include "ps/checkpoint_writer.h"
#include "ps/ps_options.h"
#include "ps/table.h"
#include "tests/ps/testing/copy_rows.h"

namespace rookery::testing {

inline constexpr std::uint64_t kSeed = 20240501;
inline constexpr std::uint32_t kBuckets = 16;
inline const std::string kDirectory = "run/checkpoints/00000001";

using Rows = std::map<Key, std::vector<float>>;

inline TableSpec Spec(std::uint32_t id, const std::string& name, std::uint32_t dim,
                      UpdaterKind kind) {
  TableSpec spec;
  spec.id = TableId{id};
  spec.name = name;
  spec.dim = dim;
  spec.updater.kind = kind;
  return spec;
}

inline std::vector<TableSpec> Specs() {
  TableSpec user = Spec(0, "user", 3, UpdaterKind::kAdagrad);
  TableSpec item = Spec(5, "item", 2, UpdaterKind::kAdam);
  item.updater.catch_up = true;
  return {user, item};
}

inline std::unique_ptr<Table> MakeTable(const TableSpec& spec, std::uint32_t server,
                                        std::uint32_t servers) {
  return std::make_unique<Table>(spec, kBuckets, FirstBucketOf(server, servers, kBuckets),
                                 FirstBucketOf(server + 1, servers, kBuckets));
}

// What the tables hold, as if there were no servers.
inline std::map<std::string, Rows> SampleRows(std::size_t count) {
  Random random(kSeed, Purpose::kTest);
  std::map<std::string, Rows> tables;
  for (const TableSpec& spec : Specs()) {
    const std::size_t row_floats = MakeTable(spec, 0, 1)->row_floats();
    Rows& rows = tables[spec.name];
    while (rows.size() < count) {
      std::vector<float> row(row_floats);
      for (float& value : row) value = random.NextFloat() - 0.5F;
      if (spec.updater.catch_up) row.back() = std::bit_cast<float>(0x7fc00001U);  // a step: a NaN
      rows[random.Next()] = row;
    }
  }
  return tables;
}

inline Rows RowsOf(Table& table) {
  Rows rows;
  for (const BucketRows& bucket : CopyRows(table)) {
    for (std::size_t i = 0; i < bucket.keys.size(); ++i) {
      const float* row = bucket.rows.data() + i * table.row_floats();
      rows[bucket.keys[i]] = std::vector<float>(row, row + table.row_floats());
    }
  }
  return rows;
}

inline bool SameBits(const Rows& a, const Rows& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.size() == y.second.size() &&
           std::memcmp(x.second.data(), y.second.data(), x.second.size() * sizeof(float)) == 0;
  });
}

inline DenseState SampleDense() {
  return {9, {1, 2, 3, 4, 5}, {0.5F, 0.25F, 0, -1, 7}};
}

inline void WriteManifest(FileSystem& files, const CheckpointManifest& manifest) {
  const Status status =
      WriteFileAtomically(files, JoinPath(kDirectory, kManifestName), ManifestToJson(manifest));
  ASSERT_TRUE(status.ok()) << status.ToString();
}

// Writes the sample as `shards` servers would.
inline CheckpointManifest Write(FileSystem& files, std::uint32_t shards, std::size_t rows) {
  EXPECT_TRUE(files.MakeDirectory(kDirectory).ok());
  CheckpointManifest manifest;
  manifest.buckets = kBuckets;
  manifest.shards = shards;
  manifest.tables = Specs();
  manifest.dense.blocks = {{"w", 5, 1, 0, {}, 0, 0}};
  const auto sample = SampleRows(rows);
  for (const TableSpec& spec : manifest.tables) {
    for (std::uint32_t shard = 0; shard < shards; ++shard) {
      const auto table = MakeTable(spec, shard, shards);
      for (const auto& [key, row] : sample.at(spec.name)) {
        if (!table->Owns(key)) continue;
        EXPECT_TRUE(table->InsertRow(key, row).ok());
      }
      const auto file = WriteRows(files, kDirectory, table.get(), shard, kBuckets);
      EXPECT_TRUE(file.ok()) << file.status().ToString();
      manifest.files.push_back(*file);
    }
  }
  const auto dense = WriteDense(files, kDirectory, SampleDense());
  EXPECT_TRUE(dense.ok());
  manifest.files.push_back(*dense);
  const std::string features = "{}\n";
  const std::string path = JoinPath(kDirectory, kFeaturesName);
  EXPECT_TRUE(WriteFileAtomically(files, path, features).ok());
  manifest.files.push_back(
      {std::string(kFeaturesName), features.size(), HashText(features), "", 0, 0});
  WriteManifest(files, manifest);
  return manifest;
}

inline std::string DigestOf(FileSystem& files) {
  const auto reader = CheckpointReader::Open(&files, kDirectory);
  EXPECT_TRUE(reader.ok()) << reader.status().ToString();
  const auto digest = CheckpointDigest(**reader);
  EXPECT_TRUE(digest.ok()) << digest.status().ToString();
  return digest.ok() ? *digest : "";
}

// Everything any role reads of a checkpoint.
inline Status ReadAll(FileSystem& files) {
  ROOKERY_ASSIGN_OR_RETURN(const auto reader, CheckpointReader::Open(&files, kDirectory));
  for (const TableSpec& spec : Specs()) {
    const auto table = MakeTable(spec, 0, 1);
    ROOKERY_RETURN_IF_ERROR(LoadTable(*reader, table.get()));
  }
  ROOKERY_RETURN_IF_ERROR(reader->ReadDense().status());
  return reader->ReadText(kFeaturesName).status();
}

inline Status VerifyAll(FileSystem& files) {
  ROOKERY_ASSIGN_OR_RETURN(const auto reader, CheckpointReader::Open(&files, kDirectory));
  return reader->VerifyAll();
}

}  // namespace rookery::testing
