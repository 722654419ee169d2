// RowsFileWriter and RowsFileReader: the file of one table and shard in a checkpoint, bucket by
// bucket. docs/checkpoint_format.md describes the bytes.
//
// Owner    the caller. Threads: one.
// Memory   one bucket at a time, and the index (24 bytes a bucket).
// Errors   kCorrupt names file and offset, or file and bucket: nothing of a damaged bucket is
//          returned.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "io/block_codec.h"
#include "io/file_system.h"
#include "io/record_file.h"
#include "ps/table.h"

namespace rookery {

// Where a bucket's block is.
struct RowsFileEntry {
  std::uint32_t bucket = 0;
  std::uint32_t rows = 0;
  std::uint64_t offset = 0;  // of the block
  std::uint64_t bytes = 0;   // of its payload
};

struct RowsFileShape {
  std::uint32_t buckets = 0;     // of the job
  std::uint32_t row_floats = 0;  // weights and state
};

// What trained rows are is noise, which does not shrink: most buckets are better left as they are.
enum class RowsCompression : std::uint8_t { kNone = 0, kWhereItHelps = 1 };

class RowsFileWriter {
 public:
  [[nodiscard]] static StatusOr<std::unique_ptr<RowsFileWriter>> Create(
      FileSystem& files, const std::string& path, RowsFileShape shape,
      RowsCompression compression = RowsCompression::kNone);
  // Buckets come in ascending order; one without rows writes nothing.
  [[nodiscard]] Status AddBucket(std::uint32_t bucket, const BucketRows& rows);
  // Index, trailer, sync.
  [[nodiscard]] StatusOr<FileDigest> Finish();
  [[nodiscard]] std::uint64_t rows() const { return rows_; }

 private:
  RowsFileWriter(std::unique_ptr<RecordWriter> writer, RowsFileShape shape,
                 RowsCompression compression)
      : writer_(std::move(writer)), shape_(shape), compression_(compression) {}
  // True: it is in compressed_.
  [[nodiscard]] bool Compress(std::span<const std::byte> keys, std::span<const std::byte> floats);

  std::unique_ptr<RecordWriter> writer_;
  const RowsFileShape shape_;
  const RowsCompression compression_;
  std::vector<RowsFileEntry> entries_;
  std::uint64_t rows_ = 0;
  std::vector<std::byte> body_;  // scratch
  std::vector<std::byte> compressed_;
  BlockCompressor compressor_;
};

class RowsFileReader {
 public:
  // Reads trailer and index.
  [[nodiscard]] static StatusOr<std::unique_ptr<RowsFileReader>> Open(FileSystem& files,
                                                                      const std::string& path,
                                                                      RowsFileShape shape);
  [[nodiscard]] std::span<const RowsFileEntry> entries() const { return entries_; }  // ascending
  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  [[nodiscard]] const std::string& path() const { return reader_->path(); }
  // Keys ascend and are of the bucket; floats are as they were written, finite or not.
  [[nodiscard]] Status ReadBucket(const RowsFileEntry& entry, BucketRows* out);

 private:
  RowsFileReader(std::unique_ptr<RecordReader> reader, RowsFileShape shape)
      : reader_(std::move(reader)), shape_(shape) {}
  Status ReadIndex();
  Status CheckEntries(std::uint64_t index_offset) const;

  std::unique_ptr<RecordReader> reader_;
  const RowsFileShape shape_;
  std::vector<RowsFileEntry> entries_;
  std::uint64_t rows_ = 0;
  std::vector<std::byte> payload_;  // scratch
  std::vector<std::byte> raw_;
};

}  // namespace rookery
