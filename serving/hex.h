// Checksums as 16 lower-case hexadecimal digits, the form in which JSON files carry them: a number
// of 64 bits would lose digits in readers that keep numbers as doubles. Pure functions.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace rookery {

[[nodiscard]] inline std::string Hex64(std::uint64_t value) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (std::size_t i = 16; i-- > 0; value >>= 4U) text[i] = kDigits[value & 15U];
  return text;
}

[[nodiscard]] inline bool ParseHex64(std::string_view text, std::uint64_t* value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *value, 16);
  return text.size() == 16 && error == std::errc() && stop == end;
}

}  // namespace rookery
