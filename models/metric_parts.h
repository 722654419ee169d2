// Several encoded metrics as one text: a mark that says what they are, then of each the number of
// its bytes (u32, little-endian) and they. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace rookery {

[[nodiscard]] std::string JoinParts(std::uint32_t mark, std::span<const std::string> parts);
[[nodiscard]] bool HasMark(std::string_view bytes, std::uint32_t mark);
// The parts point into `bytes`. kCorrupt unless there are exactly `count`. REQUIRES: HasMark.
[[nodiscard]] StatusOr<std::vector<std::string_view>> SplitParts(std::string_view bytes,
                                                                 std::size_t count);

}  // namespace rookery
