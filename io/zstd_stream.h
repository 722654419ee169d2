// Zstd behind SequentialFile and WritableFile; contract in io/compressed_stream.h.
#pragma once

#include <memory>
#include <string>

#include "io/compressed_input.h"
#include "io/file_system.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<SequentialFile>> ReadZstd(CompressedInput input);
[[nodiscard]] StatusOr<std::unique_ptr<WritableFile>> WriteZstd(std::unique_ptr<WritableFile> file,
                                                                const std::string& path);

}  // namespace rookery
