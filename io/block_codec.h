// One-shot compression of one block: a zstd frame (level 1) with the raw size in its header.
//
// The caller keeps the raw size beside the block and checks it against its own limit before it
// allocates `raw`; nothing is allocated by what the compressed bytes say. Checksums are the
// caller's (io/record_file). Pure functions, any thread.
// Errors   kCorrupt when the bytes are damaged or do not hold exactly raw.size() bytes; the caller
//          adds path and offset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/error.h"

namespace rookery {

// Replaces the content of `compressed`, whose capacity is reused.
void CompressBlock(std::span<const std::byte> raw, std::vector<std::byte>& compressed);

// The most that so many compressed bytes can hold: 128 KB for each block of at least 4 bytes.
[[nodiscard]] constexpr std::uint64_t RawBytesMax(std::uint64_t compressed_bytes) {
  return compressed_bytes / 4 * (std::uint64_t{128} << 10U);
}

[[nodiscard]] Status DecompressBlock(std::span<const std::byte> compressed,
                                     std::span<std::byte> raw);

// The same, and the same bytes, with a context that is kept, for who compresses or decompresses
// many small blocks. One thread.
class BlockCompressor {
 public:
  // `level` of zstd: negative ones are faster and compress less.
  explicit BlockCompressor(int level = 1);
  ~BlockCompressor();
  BlockCompressor(const BlockCompressor&) = delete;
  BlockCompressor& operator=(const BlockCompressor&) = delete;
  void Compress(std::span<const std::byte> raw, std::vector<std::byte>& compressed);

 private:
  void* context_;
  const int level_;
};

class BlockDecompressor {
 public:
  BlockDecompressor();
  ~BlockDecompressor();
  BlockDecompressor(const BlockDecompressor&) = delete;
  BlockDecompressor& operator=(const BlockDecompressor&) = delete;
  [[nodiscard]] Status Decompress(std::span<const std::byte> compressed, std::span<std::byte> raw);

 private:
  void* context_;
};

}  // namespace rookery
