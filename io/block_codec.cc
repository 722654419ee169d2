#include "io/block_codec.h"

#include <zstd.h>

#include "common/check.h"

namespace rookery {

void CompressBlock(std::span<const std::byte> raw, std::vector<std::byte>& compressed) {
  BlockCompressor().Compress(raw, compressed);
}

BlockCompressor::BlockCompressor(int level) : context_(ZSTD_createCCtx()), level_(level) {
  ROOKERY_CHECK(context_ != nullptr);
}

BlockCompressor::~BlockCompressor() {
  ZSTD_freeCCtx(static_cast<ZSTD_CCtx*>(context_));
}

void BlockCompressor::Compress(std::span<const std::byte> raw, std::vector<std::byte>& compressed) {
  compressed.resize(ZSTD_compressBound(raw.size()));
  const std::size_t size = ZSTD_compressCCtx(static_cast<ZSTD_CCtx*>(context_), compressed.data(),
                                             compressed.size(), raw.data(), raw.size(), level_);
  ROOKERY_CHECK(ZSTD_isError(size) == 0) << ZSTD_getErrorName(size);
  compressed.resize(size);
}

Status DecompressBlock(std::span<const std::byte> compressed, std::span<std::byte> raw) {
  return BlockDecompressor().Decompress(compressed, raw);
}

BlockDecompressor::BlockDecompressor() : context_(ZSTD_createDCtx()) {
  ROOKERY_CHECK(context_ != nullptr);
}

BlockDecompressor::~BlockDecompressor() {
  ZSTD_freeDCtx(static_cast<ZSTD_DCtx*>(context_));
}

Status BlockDecompressor::Decompress(std::span<const std::byte> compressed,
                                     std::span<std::byte> raw) {
  const unsigned long long size = ZSTD_getFrameContentSize(compressed.data(), compressed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN) {
    return Corrupt("block is no zstd frame with a size");
  }
  if (size != raw.size()) {
    return Corrupt("block holds ", size, " bytes where ", raw.size(), " are due");
  }
  const std::size_t count = ZSTD_decompressDCtx(static_cast<ZSTD_DCtx*>(context_), raw.data(),
                                                raw.size(), compressed.data(), compressed.size());
  if (ZSTD_isError(count) != 0) return Corrupt("block is damaged: ", ZSTD_getErrorName(count));
  if (count != raw.size()) {
    return Corrupt("block holds ", count, " bytes where ", raw.size(), " are due");
  }
  return OkStatus();
}

}  // namespace rookery
