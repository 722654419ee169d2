// Numbers from the text of a cell, without locale, allocation or exceptions. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/types.h"

namespace rookery {

enum class NumberError : std::uint8_t { kNone, kNotNumber, kNotFinite };

// [-]digits, few enough to need no check of the range; false for anything else. Most numbers of
// click logs are such.
[[nodiscard]] inline bool ParseShortInteger(std::string_view text, std::int64_t* value) {
  constexpr std::size_t kDigitsMax = 15;
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > kDigitsMax) return false;
  std::int64_t sum = 0;
  for (const char character : text) {
    const unsigned digit = static_cast<unsigned char>(character) - static_cast<unsigned char>('0');
    if (digit > 9) return false;
    sum = sum * 10 + digit;
  }
  if (negative && sum == 0) return false;  // "-0" is a float of its own
  *value = negative ? -sum : sum;
  return true;
}

// The 32-bit float nearest to the whole of `text` ("-3", "+.5", "1e-7"). "nan", "inf" and what is
// larger than a float are kNotFinite; what is closer to zero than any float is zero.
[[nodiscard]] NumberError ParseFloat(std::string_view text, float* value);

// An integer in [-2^63, 2^64) as its 64 bits.
[[nodiscard]] bool ParseIdentity(std::string_view text, Key* key);

// Digits only, below 2^64.
[[nodiscard]] bool ParseIndex(std::string_view text, std::uint64_t* index);

}  // namespace rookery
