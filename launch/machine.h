// What this machine has left. Any thread; 0 where it cannot be read.
#pragma once

#include <cstdint>
#include <string>

namespace rookery {

// Memory that programs can get without swapping.
[[nodiscard]] std::uint64_t FreeMemoryBytes();
// Of the file system of `path`, or of the nearest directory above it that exists.
[[nodiscard]] std::uint64_t FreeDiskBytes(const std::string& path);

}  // namespace rookery
