// CreateUncachedFile: FileSystem::CreateUncached on the operating system's files: whole pieces go
// from memory of the file's own to the device (O_DIRECT), several at a time; the end, and all of it
// where the file system refuses that, goes through the cache.
//
// Threads and errors as in io/posix_file_system.h.
#pragma once

#include <memory>
#include <string>

#include "io/file_system.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<WritableFile>> CreateUncachedFile(const std::string& path);

}  // namespace rookery
