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
#include "ps/rows_file.h"
#include "ps/table.h"

namespace rookery {

// dense.bin
[[nodiscard]] StatusOr<CheckpointFile> WriteDense(FileSystem& files, const std::string& directory,
                                                  const DenseState& dense);

// The rows file of one table, a bucket at a time: of a capture (ps/table.h), all rows or the
// changed ones.
class TableRowsWriter {
 public:
  // `table` outlives this; only what is constant of it is used. `buckets` of the whole job.
  // `updates`: optimizer steps at the cut.
  [[nodiscard]] static StatusOr<std::unique_ptr<TableRowsWriter>> Create(
      FileSystem& files, const std::string& directory, const Table* table, std::uint32_t shard,
      std::uint32_t buckets, std::uint64_t updates,
      RowsCompression compression = RowsCompression::kNone);
  // Buckets come in ascending order. `rows` are changed when the table catches up.
  [[nodiscard]] Status Add(std::uint32_t bucket, BucketRows* rows);
  [[nodiscard]] StatusOr<CheckpointFile> Finish();

 private:
  TableRowsWriter(std::unique_ptr<RowsFileWriter> file, const Table* table, std::uint32_t shard,
                  std::uint64_t updates);

  std::unique_ptr<RowsFileWriter> file_;
  const Table* const table_;
  const std::uint32_t shard_;
  const std::uint64_t updates_;
};

// A cut of the table, written at once.
[[nodiscard]] StatusOr<CheckpointFile> WriteRows(FileSystem& files, const std::string& directory,
                                                 Table* table, std::uint32_t shard,
                                                 std::uint32_t buckets, std::uint64_t updates = 0,
                                                 bool changed_only = false);

}  // namespace rookery
