// Numbers from the text of a cell, without locale, allocation or exceptions. Pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "common/types.h"

namespace rookery {

enum class NumberError : std::uint8_t { kNone, kNotNumber, kNotFinite };

// The 32-bit float nearest to the whole of `text` ("-3", "+.5", "1e-7"). "nan", "inf" and what is
// larger than a float are kNotFinite; what is closer to zero than any float is zero.
[[nodiscard]] NumberError ParseFloat(std::string_view text, float* value);

// An integer in [-2^63, 2^64) as its 64 bits.
[[nodiscard]] bool ParseIdentity(std::string_view text, Key* key);

// Digits only, below 2^64.
[[nodiscard]] bool ParseIndex(std::string_view text, std::uint64_t* index);

}  // namespace rookery
