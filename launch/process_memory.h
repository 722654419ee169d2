// What this process takes of the system's memory. Any thread.
#pragma once

#include <cstdint>

namespace rookery {

// In pages that are its own or shared, without what is only mapped; 0 where it cannot be read.
[[nodiscard]] std::uint64_t ResidentBytes();

}  // namespace rookery
