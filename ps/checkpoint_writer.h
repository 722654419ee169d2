// Writers of the files of one checkpoint. Each returns what the manifest must say of its file,
// after the file was written and synced; nothing is published here
// (scheduler/checkpoint_coordinator).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/error.h"
#include "io/file_system.h"
#include "protocol/checkpoint_manifest.h"
#include "ps/dense_table.h"
#include "ps/table.h"

namespace rookery {

// dense.bin
[[nodiscard]] StatusOr<CheckpointFile> WriteDense(FileSystem& files, const std::string& directory,
                                                  const DenseState& dense);

// The rows file of one table, a bucket at a time, so that a server can answer in between. The table
// does not change meanwhile: catch_up tables were brought up to date before.
class TableRowsWriter {
 public:
  // `buckets` of the whole job. `table` outlives this.
  [[nodiscard]] static StatusOr<std::unique_ptr<TableRowsWriter>> Create(
      FileSystem& files, const std::string& directory, const Table* table, std::uint32_t shard,
      std::uint32_t buckets);
  ~TableRowsWriter();
  [[nodiscard]] bool done() const { return next_bucket_ == table_->end_bucket(); }
  // Writes the next bucket. REQUIRES: !done().
  [[nodiscard]] Status WriteBucket();
  // REQUIRES: done().
  [[nodiscard]] StatusOr<CheckpointFile> Finish();

 private:
  TableRowsWriter(std::unique_ptr<class RowsFileWriter> file, const Table* table,
                  std::uint32_t shard);

  std::unique_ptr<class RowsFileWriter> file_;
  const Table* const table_;
  const std::uint32_t shard_;
  std::uint32_t next_bucket_;
  BucketRows rows_;  // scratch
};

// All of it at once.
[[nodiscard]] StatusOr<CheckpointFile> WriteRows(FileSystem& files, const std::string& directory,
                                                 const Table& table, std::uint32_t shard,
                                                 std::uint32_t buckets);

}  // namespace rookery
