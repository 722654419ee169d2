// Block files: examples that are already encoded, in the format of docs/prepared_format.md. A block
// holds one chunk (data/input.h), so that a lease finds its blocks by number.
//
// Owner    the FileSystem outlives both. Threads: none.
// Errors   every message names file and offset. Reading: kInvalidInput for a file that is damaged,
//          cut short, of another version or of another schema.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/error.h"
#include "data/batch.h"
#include "data/example_block.h"
#include "data/transform.h"
#include "io/file_system.h"
#include "io/record_file.h"

namespace rookery {

inline constexpr RecordFormat kBlockFileFormat{.version = 1, .kind = 0x424c4b};  // "BLK"

struct BlockFileTotals {
  std::uint64_t blocks = 0;
  std::uint64_t examples = 0;
  std::uint64_t bytes = 0;
};

class BlockFileWriter {
 public:
  // Truncates an existing file. `chunk_examples` is what a chunk has, more or less.
  [[nodiscard]] static StatusOr<std::unique_ptr<BlockFileWriter>> Create(
      FileSystem& files, const std::string& path, const FittedSchema& fitted,
      std::uint32_t chunk_examples, bool compress);
  // The next chunk, which may be empty.
  [[nodiscard]] Status Append(const Batch& examples);
  // Index, sync, close.
  [[nodiscard]] StatusOr<BlockFileTotals> Finish();
  [[nodiscard]] std::uint64_t examples() const { return examples_; }

 private:
  BlockFileWriter(std::unique_ptr<RecordWriter> file, const FittedSchema& fitted,
                  std::uint32_t chunk_examples, bool compress);

  std::unique_ptr<RecordWriter> file_;
  BlockEncoder encoder_;
  std::uint32_t chunk_examples_;
  std::uint64_t schema_offset_ = 0;
  std::uint64_t examples_ = 0;
  std::vector<std::uint64_t> offsets_;   // of blocks
  std::vector<std::uint32_t> in_block_;  // examples
  std::vector<std::byte> payload_;
};

// Whether the file begins like a block file.
[[nodiscard]] StatusOr<bool> IsBlockFile(FileSystem& files, const std::string& path);

class BlockFile {
 public:
  // Reads schema and index.
  [[nodiscard]] static StatusOr<std::unique_ptr<BlockFile>> Open(FileSystem& files,
                                                                 const std::string& path);

  [[nodiscard]] const FittedSchema& fitted() const { return fitted_; }
  [[nodiscard]] std::uint32_t chunk_examples() const { return chunk_examples_; }
  [[nodiscard]] std::uint64_t blocks() const { return offsets_.size(); }
  [[nodiscard]] std::uint64_t examples() const { return examples_; }
  [[nodiscard]] std::size_t ExamplesOf(std::uint64_t block) const { return in_block_[block]; }
  // Refuses a schema that gives other features or numbers than the one the file was made with.
  [[nodiscard]] Status CheckSchema(const FittedSchema& fitted) const;
  // The next of decoder->Add.
  [[nodiscard]] Status Read(std::uint64_t block, BlockDecoder* decoder);

 private:
  explicit BlockFile(std::unique_ptr<RecordReader> file) : file_(std::move(file)) {}
  Status ReadEnds();
  Status ReadIndex(std::uint64_t offset);

  std::unique_ptr<RecordReader> file_;
  FittedSchema fitted_;
  std::uint32_t chunk_examples_ = 0;
  std::uint64_t examples_ = 0;
  std::vector<std::uint64_t> offsets_;
  std::vector<std::uint32_t> in_block_;
  std::vector<std::byte> buffer_;
};

}  // namespace rookery
