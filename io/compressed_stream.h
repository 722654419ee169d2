// Plain, gzip and zstd files behind one SequentialFile, told apart by their first bytes (not by
// their name); several concatenated gzip members or zstd frames are one stream. Zeros after the
// last gzip member are padding.
//
// Owner    what is opened belongs to the caller; the FileSystem outlives it.
// Threads  none: one open file, one thread at a time.
// Errors   a stream that ends inside a member or frame, or is damaged, is kCorrupt with the path
// and
//          the offset in the compressed file; every later call returns the same error.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/error.h"
#include "io/file_system.h"

namespace rookery {

enum class Compression : std::uint8_t { kNone, kGzip, kZstd };

// From the first bytes of the file.
[[nodiscard]] StatusOr<Compression> DetectCompression(FileSystem& files, const std::string& path);
// From the name a user wrote: *.gz, *.zst, otherwise plain.
[[nodiscard]] Compression CompressionOfName(const std::string& path);

// Decompresses as it reads. The file is opened once and read forward only, so a pipe will do.
[[nodiscard]] StatusOr<std::unique_ptr<SequentialFile>> OpenDecompressed(FileSystem& files,
                                                                         const std::string& path);

// Compresses as it writes, for speed rather than size (level 1). Sync() makes all bytes appended so
// far readable; only Close() ends the stream, and a reader refuses one that was not ended.
[[nodiscard]] StatusOr<std::unique_ptr<WritableFile>> CreateCompressed(FileSystem& files,
                                                                       const std::string& path,
                                                                       Compression compression);

}  // namespace rookery
