// What this machine has left. Any thread; 0 where it cannot be read.
#pragma once

#include <cstdint>
#include <string>

#include "common/error.h"

namespace rookery {

// Processors that this process may use, at least 1.
[[nodiscard]] std::uint32_t VisibleCpus();
// Memory that programs can get without swapping.
[[nodiscard]] std::uint64_t FreeMemoryBytes();
// Of the file system of `path`, or of the nearest directory above it that exists.
[[nodiscard]] std::uint64_t FreeDiskBytes(const std::string& path);

// Whether this process sees as many ranks as `rookery launch` started.
[[nodiscard]] Status CheckWorldSize(std::uint32_t ranks);

}  // namespace rookery
