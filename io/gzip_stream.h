// Gzip behind SequentialFile and WritableFile; contract in io/compressed_stream.h. The only zlib.
#pragma once

#include <memory>
#include <string>

#include "io/compressed_input.h"
#include "io/file_system.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<SequentialFile>> ReadGzip(CompressedInput input);
[[nodiscard]] StatusOr<std::unique_ptr<WritableFile>> WriteGzip(std::unique_ptr<WritableFile> file,
                                                                const std::string& path);

}  // namespace rookery
