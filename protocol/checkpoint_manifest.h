// MANIFEST.json: what a checkpoint is made of; written last, so its presence means "complete".
// docs/checkpoint_format.md describes it. All names of files in a run directory are made here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "protocol/table_spec.h"

namespace rookery {

// Version 1 had no `base`, version 2 no clip_cow, clip_cow_floor and trust_max of updaters; both
// are still read.
inline constexpr std::uint32_t kCheckpointFormatVersion = 3;
// The version and kinds of the record files (io/record_file.h) of a checkpoint.
inline constexpr std::uint32_t kCheckpointRecordVersion = 1;
inline constexpr std::uint32_t kRowsKind = 1;
inline constexpr std::uint32_t kDenseKind = 2;
inline constexpr std::string_view kManifestName = "MANIFEST.json";
inline constexpr std::uint64_t kCheckpointManifestBytesMax = std::uint64_t{1} << 30U;
inline constexpr std::string_view kDenseName = "dense.bin";
inline constexpr std::string_view kInputName = "input.bin";
inline constexpr std::string_view kFeaturesName = "features.json";
inline constexpr std::string_view kCurrentName = "CURRENT";

// "table-user.shard-0.rows"
[[nodiscard]] std::string RowsFileName(std::string_view table, std::uint32_t shard);
// "00000420"
[[nodiscard]] std::string CheckpointName(std::uint64_t number);
// The number that `name` is the name of; nothing for any other text.
[[nodiscard]] std::optional<std::uint64_t> CheckpointNumber(std::string_view name);

struct CheckpointFile {
  std::string name;  // no directory
  std::uint64_t bytes = 0;
  std::uint64_t checksum = 0;  // XXH3-64 of all its bytes
  std::string table;           // rows files: which table and shard; else empty
  std::uint32_t shard = 0;
  std::uint64_t rows = 0;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(name, bytes, checksum, table, shard, rows);
  }
  bool operator==(const CheckpointFile&) const = default;
};

struct CheckpointManifest {
  std::uint32_t format_version = kCheckpointFormatVersion;
  std::string rookery_version;
  std::uint64_t job_hash = 0;  // of what decides the meaning of the numbers (launch/job.h)
  std::uint64_t number = 0;    // the checkpoint's own
  // The name of the earlier checkpoint beside this one that its rows add to; empty: it is full.
  std::string base;
  std::uint64_t step = 0;     // steps trained
  std::uint64_t updates = 0;  // optimizer steps of the tables: Adam's t (sync: equals step)
  std::uint32_t buckets = kBucketsDefault;
  std::uint32_t shards = 1;
  std::vector<TableSpec> tables;
  DenseSpec dense;
  std::vector<CheckpointFile> files;
};

[[nodiscard]] std::string ManifestToJson(const CheckpointManifest& manifest);
// Refuses unknown versions, missing fields, names with a directory, sizes beyond limits, a table
// file of an unknown table, a table without its shards' files, a base that is not earlier.
[[nodiscard]] StatusOr<CheckpointManifest> ManifestFromJson(std::string_view json,
                                                            std::string_view path);

}  // namespace rookery
