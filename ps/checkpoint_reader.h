// CheckpointReader: everything that reads a checkpoint: servers that load, workers, inspect,
// export.
//
// A delta is read together with the checkpoints that it adds to: Open() finds them beside it, and
// rows are those of the whole chain, the newest of each key.
//
// Open() reads MANIFEST.json and compares sizes; VerifyAll() and ReadRows() compare checksums
// before any byte is used. Weights and state that are not finite, or beyond 1e30, are refused.
// Every error names the file and says why. Owner: the caller. Threads: one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "io/file_system.h"
#include "protocol/checkpoint_manifest.h"
#include "ps/dense_table.h"

namespace rookery {

class BucketScan;  // ps/bucket_scan.h
class Table;

class CheckpointReader {
 public:
  struct Link {
    std::string directory;
    CheckpointManifest manifest;
  };

  // `directory`: one checkpoint (".../checkpoints/00000420").
  [[nodiscard]] static StatusOr<std::unique_ptr<CheckpointReader>> Open(FileSystem* files,
                                                                        std::string directory);

  [[nodiscard]] const CheckpointManifest& manifest() const { return chain_.front().manifest; }
  [[nodiscard]] const std::string& directory() const { return chain_.front().directory; }
  // This checkpoint, the one that it adds to, and so on to the full one; at least one.
  [[nodiscard]] std::span<const Link> chain() const { return chain_; }

  // The files that count: all of this checkpoint, the rows files of those that it adds to.
  struct File {
    std::string path;
    const CheckpointFile* file;
  };
  [[nodiscard]] std::vector<File> Files() const;
  // Reads every byte of one of Files(), of all of them, and compares size and checksum.
  [[nodiscard]] Status VerifyFile(const File& file) const;
  [[nodiscard]] Status VerifyAll() const;
  // Of one table. Of a delta the keys of all its files are read.
  [[nodiscard]] StatusOr<std::uint64_t> CountRows(const TableSpec& table) const;

  // Rows of the buckets [first, end) of one table, bucket after bucket, keys ascending by MixKey
  // inside a bucket. rows is [keys, row_floats], row_floats = dim + state floats.
  using RowsHandler = std::function<Status(std::span<const Key> keys, std::span<const float> rows)>;
  [[nodiscard]] Status ReadRows(const TableSpec& table, std::uint32_t first_bucket,
                                std::uint32_t end_bucket, const RowsHandler& handler) const;
  // The same, a bucket at a time at the caller's pace. The scan may outlive this reader.
  [[nodiscard]] StatusOr<std::unique_ptr<BucketScan>> ScanRows(const TableSpec& table,
                                                               std::uint32_t first_bucket,
                                                               std::uint32_t end_bucket) const;
  [[nodiscard]] StatusOr<DenseState> ReadDense() const;
  // input.bin, features.json: the verified content.
  [[nodiscard]] StatusOr<std::string> ReadText(std::string_view name) const;

 private:
  CheckpointReader(FileSystem* files, std::vector<Link> chain);
  [[nodiscard]] std::string PathOf(std::string_view name) const;
  [[nodiscard]] Status CheckSizes() const;

  FileSystem* files_;
  const std::vector<Link> chain_;
};

// The newest complete checkpoint of a run's checkpoints/ directory, by CURRENT; kNotFound when
// there is none; kCorrupt when CURRENT names one that is not there.
[[nodiscard]] StatusOr<std::string> CurrentCheckpoint(FileSystem& files,
                                                      const std::string& checkpoints_directory);

// Replaces the content of `table` by its own buckets of the checkpoint, whatever number of shards
// wrote it. On an error the table is empty. REQUIRES: the manifest has table->spec() and its number
// of buckets.
[[nodiscard]] Status LoadTable(const CheckpointReader& reader, Table* table);

// One hash of the logical content (keys, weights, state, dense), whatever the number of shards:
// 128 bits as 32 hex digits.
[[nodiscard]] StatusOr<std::string> CheckpointDigest(const CheckpointReader& reader);

}  // namespace rookery
