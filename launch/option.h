// Option: one setting of a job file, bound to the field it sets. Sections (launch/job_options.h)
// are lists of them; reading, error texts, the resolved job and the job reference all go by these
// lists.
//
// Owner    an Option points into the struct it was made for, which outlives it. Threads: none.
// Errors   `set` returns "" or what would be right ("must be from 1 to 65536"); the reader adds the
//          place and the value found.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/executor.h"

namespace rookery {

enum class OptionType : std::uint8_t {
  kWhole,     // std::int64_t, a whole number
  kNumber,    // double
  kBool,      // bool
  kText,      // std::string
  kPath,      // std::string, ${VARIABLES} expanded
  kDuration,  // std::string: "500ms", "10min"
  kBytes,     // std::string: "8GB", "512MiB"
  kTexts,     // std::vector<std::string>
  kPaths,     // std::vector<std::string>, ${VARIABLES} expanded
  kWholes,    // std::vector<std::int64_t>
  kNumbers,   // std::vector<double>
};

// std::monostate: the option has no value (an optional one that is not given).
using OptionValue =
    std::variant<std::monostate, bool, std::int64_t, double, std::string, std::vector<std::string>,
                 std::vector<std::int64_t>, std::vector<double>>;

struct Option {
  std::string key;
  OptionType type = OptionType::kText;
  std::string unit;     // "" when it has none
  std::string meaning;  // one line
  std::function<std::string(const OptionValue&)> set;
  std::function<OptionValue()> get;
  std::vector<std::string> choices;  // of a text that must be one of these
};

template <class E>
using Choices = std::vector<std::pair<std::string, E>>;

// The shortest double that prints like the float: 0.01F -> 0.01.
[[nodiscard]] double WidenFloat(float value);
// "10min", "500ms"; "0s" for zero. Parse returns nothing when it is not of this form.
[[nodiscard]] std::string FormatDuration(Duration duration);
[[nodiscard]] std::optional<Duration> ParseDuration(const std::string& text);

// "8GB", "512MiB"; "0" for none. Parse returns nothing when it is not of this form.
[[nodiscard]] std::string FormatBytes(std::uint64_t bytes);
[[nodiscard]] std::optional<std::uint64_t> ParseBytes(const std::string& text);

// The makers: key, field, limits, unit, meaning.
struct WholeRange {
  std::int64_t low = 0;
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
};
[[nodiscard]] std::string CheckWhole(const WholeRange& range, std::int64_t value);

template <std::unsigned_integral T>
[[nodiscard]] Option WholeOption(std::string key, T* field, WholeRange range, std::string unit,
                                 std::string meaning) {
  Option option{
      std::move(key), OptionType::kWhole, std::move(unit), std::move(meaning), {}, {}, {}};
  if constexpr (sizeof(T) < sizeof(std::int64_t)) {
    range.high = std::min(range.high, std::int64_t{std::numeric_limits<T>::max()});
  }
  option.set = [field, range](const OptionValue& value) {
    const std::int64_t whole = std::get<std::int64_t>(value);
    std::string wrong = CheckWhole(range, whole);
    if (wrong.empty()) *field = static_cast<T>(whole);
    return wrong;
  };
  option.get = [field]() -> OptionValue { return static_cast<std::int64_t>(*field); };
  return option;
}

// A finite number in [low, high], or (low, high] / [low, high) where an end is open.
struct NumberRange {
  double low = -std::numeric_limits<float>::max();
  double high = std::numeric_limits<float>::max();
  bool low_open = false;
  bool high_open = false;
};
inline constexpr NumberRange kPositive{0, std::numeric_limits<float>::max(), true, false};
inline constexpr NumberRange kNotNegative{0, std::numeric_limits<float>::max(), false, false};
inline constexpr NumberRange kFraction{0, 1, false, true};  // [0, 1)

[[nodiscard]] Option NumberOption(std::string key, float* field, NumberRange range,
                                  std::string unit, std::string meaning);
[[nodiscard]] Option OptionalNumberOption(std::string key, std::optional<float>* field,
                                          std::string unit, std::string meaning);
[[nodiscard]] Option NumbersOption(std::string key, std::vector<float>* field, std::string unit,
                                   std::string meaning);
[[nodiscard]] Option WholesOption(std::string key, std::vector<std::uint32_t>* field,
                                  WholeRange range, std::string unit, std::string meaning);
[[nodiscard]] Option BoolOption(std::string key, bool* field, std::string meaning);
[[nodiscard]] Option TextOption(std::string key, std::string* field, std::string meaning);
[[nodiscard]] Option TextsOption(std::string key, std::vector<std::string>* field,
                                 std::string meaning);
[[nodiscard]] Option PathOption(std::string key, std::string* field, std::string meaning);
[[nodiscard]] Option PathsOption(std::string key, std::vector<std::string>* field,
                                 std::string meaning);
// One character; `none`: "" is allowed and means '\0'.
[[nodiscard]] Option CharacterOption(std::string key, char* field, bool none, std::string meaning);
[[nodiscard]] Option DurationOption(std::string key, Duration* field, Duration low,
                                    std::string meaning);
[[nodiscard]] Option BytesOption(std::string key, std::uint64_t* field, std::string meaning);
// A text that must be one of `names`; "" only when it is among them.
[[nodiscard]] Option NamedOption(std::string key, std::string* field,
                                 std::vector<std::string> names, std::string meaning);
// "must be one of a, b, c".
[[nodiscard]] std::string OneOf(const std::vector<std::string>& names);

template <class E>
[[nodiscard]] Option ChoiceOption(std::string key, E* field, Choices<E> choices,
                                  std::string meaning) {
  Option option{std::move(key), OptionType::kText, {}, std::move(meaning), {}, {}, {}};
  for (const auto& choice : choices) option.choices.push_back(choice.first);
  option.set = [field, choices, names = option.choices](const OptionValue& value) -> std::string {
    for (const auto& [name, choice] : choices) {
      if (name != std::get<std::string>(value)) continue;
      *field = choice;
      return {};
    }
    return OneOf(names);
  };
  option.get = [field, choices]() -> OptionValue {
    for (const auto& [name, choice] : choices) {
      if (choice == *field) return name;
    }
    return std::monostate{};
  };
  return option;
}

}  // namespace rookery
