// Record files: framed, checksummed blocks behind a header that says what the file is. Checkpoints
// are made of them.
//
// Layout (integers little-endian):
//   byte 0   8 bytes  magic, the text "ROOKREC1"
//        8   u32      version  } of what the blocks hold: the caller's
//       12   u32      kind     }
//       16            blocks, one after the other without padding:
//                       u64 bytes | u64 XXH3-64 of the payload, seed 0 | payload of `bytes` bytes
// A block is named by the offset of its frame. Which offsets matter, and what is in a payload, is
// the caller's: an index is itself a block, and whoever wrote the file keeps its offset.
//
// Errors   every message names file and offset. kCorrupt: magic, version, kind, a frame that does
//          not fit the file, a checksum. kExhausted: a block larger than the reader's limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/hash.h"
#include "io/file_system.h"

namespace rookery {

struct RecordFormat {
  std::uint32_t version = 0;
  std::uint32_t kind = 0;
  bool operator==(const RecordFormat&) const = default;
};

inline constexpr std::uint64_t kRecordHeaderBytes = 16;
inline constexpr std::uint64_t kBlockFrameBytes = 16;

// What a manifest keeps of a file.
struct FileDigest {
  std::uint64_t bytes = 0;
  std::uint64_t hash = 0;  // XXH3-64 of all bytes, seed 0
  bool operator==(const FileDigest&) const = default;
};

// Reads it all, a piece at a time.
[[nodiscard]] StatusOr<FileDigest> HashWholeFile(FileSystem& files, const std::string& path);

// One thread. After an error the file is of no use: write it anew.
class RecordWriter {
 public:
  // Truncates an existing file.
  [[nodiscard]] static StatusOr<std::unique_ptr<RecordWriter>> Create(FileSystem& files,
                                                                      const std::string& path,
                                                                      RecordFormat format);
  // The same on a file that was just created.
  [[nodiscard]] static StatusOr<std::unique_ptr<RecordWriter>> Begin(
      std::unique_ptr<WritableFile> file, RecordFormat format);
  // The offset of the block.
  [[nodiscard]] StatusOr<std::uint64_t> AppendBlock(std::span<const std::byte> payload);
  // The same of a payload that lies in pieces.
  [[nodiscard]] StatusOr<std::uint64_t> AppendPieces(
      std::span<const std::span<const std::byte>> pieces);
  // Sync and close. The name is durable once the caller has synced the directory.
  [[nodiscard]] Status Finish();
  // Of all bytes appended so far.
  [[nodiscard]] FileDigest digest() const { return {bytes_, hash_.Digest()}; }

 private:
  explicit RecordWriter(std::unique_ptr<WritableFile> file) : file_(std::move(file)) {}
  Status Append(std::span<const std::byte> bytes);

  std::unique_ptr<WritableFile> file_;
  Status failure_;  // sticky
  std::uint64_t bytes_ = 0;
  StreamHash hash_;
  std::vector<std::byte> small_;  // scratch: a small block in one piece
};

// Any number of threads.
class RecordReader {
 public:
  // Refuses another magic, version or kind.
  [[nodiscard]] static StatusOr<std::unique_ptr<RecordReader>> Open(FileSystem& files,
                                                                    const std::string& path,
                                                                    RecordFormat format);
  // The payload of the block at `offset`, at most bytes_max, checked against its checksum. The
  // frame is checked against the file's size and bytes_max before anything is allocated.
  [[nodiscard]] StatusOr<std::vector<std::byte>> ReadBlockAt(std::uint64_t offset,
                                                             std::uint64_t bytes_max) const;
  // The same into `buffer`, which only grows: for who reads many blocks.
  [[nodiscard]] StatusOr<std::span<const std::byte>> ReadBlockInto(
      std::uint64_t offset, std::uint64_t bytes_max, std::vector<std::byte>* buffer) const;
  [[nodiscard]] std::uint64_t size() const { return file_->size(); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  RecordReader(std::unique_ptr<RandomAccessFile> file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}
  Status CheckHeader(RecordFormat format) const;

  std::unique_ptr<RandomAccessFile> file_;
  std::string path_;
};

}  // namespace rookery
