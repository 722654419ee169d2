// Plain, gzip and zstd files behind one SequentialFile, told apart by their first bytes (not by
// their name); several concatenated gzip members or zstd frames are one stream.
//
// Errors   a stream that ends inside a member or frame, or whose checksum is wrong, is kCorrupt with
//          the path and the offset in the compressed file.
#pragma once

#include <memory>
#include <string>

#include "common/error.h"
#include "io/file_system.h"

namespace rookery {

enum class Compression : std::uint8_t { kNone, kGzip, kZstd };

// From the first bytes of the file.
[[nodiscard]] StatusOr<Compression> DetectCompression(FileSystem& files, const std::string& path);

// Decompresses as it reads.
[[nodiscard]] StatusOr<std::unique_ptr<SequentialFile>> OpenDecompressed(FileSystem& files,
                                                                         const std::string& path);

}  // namespace rookery
