#include "data/parse_number.h"

#include <charconv>
#include <cmath>
#include <system_error>

namespace rookery {
namespace {

// from_chars said out of range: too large, or too close to zero.
NumberError OutOfRange(std::string_view text, float* value) {
  double wide = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), wide);
  const bool tiny = error == std::errc()
                        ? std::abs(wide) < 1
                        : text.find("e-") != text.npos || text.find("E-") != text.npos;
  *value = 0;
  return tiny ? NumberError::kNone : NumberError::kNotFinite;
}

}  // namespace

NumberError ParseFloat(std::string_view text, float* value) {
  std::int64_t integer = 0;
  if (ParseShortInteger(text, &integer)) {
    *value = static_cast<float>(integer);
    return NumberError::kNone;
  }
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, *value);
  if (end != last || error == std::errc::invalid_argument) return NumberError::kNotNumber;
  if (error == std::errc::result_out_of_range) return OutOfRange(text, value);
  return std::isfinite(*value) ? NumberError::kNone : NumberError::kNotFinite;
}

bool ParseIdentity(std::string_view text, Key* key) {
  const char* last = text.data() + text.size();
  if (!text.empty() && text[0] == '-') {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), last, value);
    *key = static_cast<Key>(value);
    return end == last && error == std::errc();
  }
  return ParseIndex(text, key);
}

bool ParseIndex(std::string_view text, std::uint64_t* index) {
  const char* last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, *index);
  return end == last && error == std::errc();
}

}  // namespace rookery
