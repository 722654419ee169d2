// The calls of operator new of this test program, all threads: its definition counts.
#pragma once

#include <cstdint>

namespace rookery::testing {

[[nodiscard]] std::uint64_t Allocations();

}  // namespace rookery::testing
