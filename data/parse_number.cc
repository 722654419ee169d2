#include "data/parse_number.h"

#include <charconv>
#include <cmath>
#include <system_error>

namespace rookery {
namespace {

constexpr std::size_t kFastDigitsMax = 15;

// [-]digits, few enough to need no check of the range. Most numbers of click logs are such.
bool ParseShortInteger(std::string_view text, std::int64_t* value) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > kFastDigitsMax) return false;
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
