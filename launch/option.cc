#include "launch/option.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "common/error.h"

namespace rookery {
namespace {

struct DurationUnit {
  const char* name;
  Duration size;
};
constexpr std::array<DurationUnit, 5> kUnits = {{
    {"h", std::chrono::hours(1)},
    {"min", std::chrono::minutes(1)},
    {"s", std::chrono::seconds(1)},
    {"ms", std::chrono::milliseconds(1)},
    {"us", std::chrono::microseconds(1)},
}};

struct BytesUnit {
  const char* name;
  std::uint64_t size;
};
// Larger ones first; of equal use the decimal one.
constexpr std::array<BytesUnit, 7> kBytesUnits = {{
    {"TB", 1'000'000'000'000},
    {"GB", 1'000'000'000},
    {"MB", 1'000'000},
    {"GiB", std::uint64_t{1} << 30U},
    {"MiB", std::uint64_t{1} << 20U},
    {"kB", 1000},
    {"B", 1},
}};

std::string Shortest(double value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

std::string CheckNumber(const NumberRange& range, double value) {
  const bool low_ok = range.low_open ? value > range.low : value >= range.low;
  const bool high_ok = range.high_open ? value < range.high : value <= range.high;
  if (std::isfinite(value) && low_ok && high_ok) return {};
  constexpr double kHuge = std::numeric_limits<float>::max();
  std::string text = "must be a finite number";
  if (range.low > -kHuge) {
    text += StrCat(range.low_open ? " above " : " of at least ", Shortest(range.low));
  }
  if (range.high < kHuge)
    text += StrCat(range.high_open ? " and below " : " and at most ", Shortest(range.high));
  return text;
}

Option Bare(std::string key, OptionType type, std::string unit, std::string meaning) {
  return {std::move(key), type, std::move(unit), std::move(meaning), {}, {}, {}};
}

// An option whose field has the very type of its value.
template <class T>
Option Plain(std::string key, OptionType type, T* field, std::string meaning) {
  Option option = Bare(std::move(key), type, {}, std::move(meaning));
  option.set = [field](const OptionValue& value) -> std::string {
    *field = std::get<T>(value);
    return {};
  };
  option.get = [field]() -> OptionValue { return *field; };
  return option;
}

}  // namespace

double WidenFloat(float value) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  double wide = value;
  std::from_chars(text.data(), end, wide);
  return wide;
}

std::string FormatDuration(Duration duration) {
  if (duration == Duration::zero()) return "0s";
  for (const DurationUnit& unit : kUnits) {
    if (duration % unit.size == Duration::zero()) return StrCat(duration / unit.size, unit.name);
  }
  return StrCat(duration / std::chrono::microseconds(1), "us");
}

std::optional<Duration> ParseDuration(const std::string& text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || count < 0) return std::nullopt;
  const std::string unit(end, text.data() + text.size());
  for (const DurationUnit& known : kUnits) {
    if (unit != known.name) continue;
    if (count > Duration::max() / known.size) return std::nullopt;
    return count * known.size;
  }
  return std::nullopt;
}

std::string FormatBytes(std::uint64_t bytes) {
  if (bytes == 0) return "0";
  for (const BytesUnit& unit : kBytesUnits) {
    if (bytes % unit.size == 0) return StrCat(bytes / unit.size, unit.name);
  }
  return StrCat(bytes, "B");
}

std::optional<std::uint64_t> ParseBytes(const std::string& text) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc()) return std::nullopt;
  const std::string unit(end, text.data() + text.size());
  if (unit.empty() && count == 0) return 0;
  for (const BytesUnit& known : kBytesUnits) {
    if (unit != known.name) continue;
    if (count > std::numeric_limits<std::uint64_t>::max() / known.size) return std::nullopt;
    return count * known.size;
  }
  return std::nullopt;
}

std::string CheckWhole(const WholeRange& range, std::int64_t value) {
  if (value >= range.low && value <= range.high) return {};
  if (range.high == std::numeric_limits<std::int64_t>::max()) {
    return StrCat("must be at least ", range.low);
  }
  return StrCat("must be from ", range.low, " to ", range.high);
}

std::string OneOf(const std::vector<std::string>& names) {
  std::string text = "must be one of ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    text += StrCat(i == 0 ? "" : ", ", names[i].empty() ? "\"\"" : names[i]);
  }
  return text;
}

Option NumberOption(std::string key, float* field, NumberRange range, std::string unit,
                    std::string meaning) {
  Option option = Bare(std::move(key), OptionType::kNumber, std::move(unit), std::move(meaning));
  option.set = [field, range](const OptionValue& value) {
    const double number = std::get<double>(value);
    std::string wrong = CheckNumber(range, number);
    // What is above zero as a double must be so as a float.
    if (wrong.empty() && range.low_open && static_cast<float>(number) <= range.low) {
      wrong = "is too small for a 32-bit float";
    }
    if (wrong.empty()) *field = static_cast<float>(number);
    return wrong;
  };
  option.get = [field]() -> OptionValue { return WidenFloat(*field); };
  return option;
}

Option OptionalNumberOption(std::string key, std::optional<float>* field, std::string unit,
                            std::string meaning) {
  Option option = Bare(std::move(key), OptionType::kNumber, std::move(unit), std::move(meaning));
  option.set = [field](const OptionValue& value) {
    const double number = std::get<double>(value);
    std::string wrong = CheckNumber({}, number);
    if (wrong.empty()) *field = static_cast<float>(number);
    return wrong;
  };
  option.get = [field]() -> OptionValue {
    if (!field->has_value()) return std::monostate{};
    return WidenFloat(**field);
  };
  return option;
}

Option NumbersOption(std::string key, std::vector<float>* field, std::string unit,
                     std::string meaning) {
  Option option = Bare(std::move(key), OptionType::kNumbers, std::move(unit), std::move(meaning));
  option.set = [field](const OptionValue& value) -> std::string {
    std::vector<float> numbers;
    for (const double number : std::get<std::vector<double>>(value)) {
      if (!CheckNumber({}, number).empty()) return "must be finite numbers";
      numbers.push_back(static_cast<float>(number));
    }
    *field = std::move(numbers);
    return {};
  };
  option.get = [field]() -> OptionValue {
    std::vector<double> numbers;
    for (const float number : *field) numbers.push_back(WidenFloat(number));
    return numbers;
  };
  return option;
}

Option WholesOption(std::string key, std::vector<std::uint32_t>* field, WholeRange range,
                    std::string unit, std::string meaning) {
  Option option = Bare(std::move(key), OptionType::kWholes, std::move(unit), std::move(meaning));
  option.set = [field, range](const OptionValue& value) -> std::string {
    std::vector<std::uint32_t> wholes;
    for (const std::int64_t whole : std::get<std::vector<std::int64_t>>(value)) {
      std::string wrong = CheckWhole(range, whole);
      if (!wrong.empty()) return StrCat("each ", wrong);
      wholes.push_back(static_cast<std::uint32_t>(whole));
    }
    *field = std::move(wholes);
    return {};
  };
  option.get = [field]() -> OptionValue {
    return std::vector<std::int64_t>(field->begin(), field->end());
  };
  return option;
}

Option BoolOption(std::string key, bool* field, std::string meaning) {
  return Plain(std::move(key), OptionType::kBool, field, std::move(meaning));
}

Option TextOption(std::string key, std::string* field, std::string meaning) {
  return Plain(std::move(key), OptionType::kText, field, std::move(meaning));
}

Option TextsOption(std::string key, std::vector<std::string>* field, std::string meaning) {
  return Plain(std::move(key), OptionType::kTexts, field, std::move(meaning));
}

Option PathOption(std::string key, std::string* field, std::string meaning) {
  return Plain(std::move(key), OptionType::kPath, field, std::move(meaning));
}

Option PathsOption(std::string key, std::vector<std::string>* field, std::string meaning) {
  return Plain(std::move(key), OptionType::kPaths, field, std::move(meaning));
}

Option CharacterOption(std::string key, char* field, bool none, std::string meaning) {
  Option option = Bare(std::move(key), OptionType::kText, {}, std::move(meaning));
  option.set = [field, none](const OptionValue& value) -> std::string {
    const std::string& text = std::get<std::string>(value);
    if (text.size() > 1 || (text.empty() && !none)) {
      return none ? "must be one character, or \"\" for none" : "must be one character";
    }
    *field = text.empty() ? '\0' : text[0];
    return {};
  };
  option.get = [field]() -> OptionValue {
    return *field == '\0' ? std::string() : std::string(1, *field);
  };
  return option;
}

Option DurationOption(std::string key, Duration* field, Duration low, std::string meaning) {
  Option option = Bare(std::move(key), OptionType::kDuration, {}, std::move(meaning));
  option.set = [field, low](const OptionValue& value) -> std::string {
    const std::optional<Duration> duration = ParseDuration(std::get<std::string>(value));
    if (!duration) return R"(must be a whole number and a unit: "500ms", "30s", "10min", "2h")";
    if (*duration < low) return StrCat("must be at least \"", FormatDuration(low), "\"");
    *field = *duration;
    return {};
  };
  option.get = [field]() -> OptionValue { return FormatDuration(*field); };
  return option;
}

Option BytesOption(std::string key, std::uint64_t* field, std::string meaning) {
  Option option = Bare(std::move(key), OptionType::kBytes, {}, std::move(meaning));
  option.set = [field](const OptionValue& value) -> std::string {
    const std::optional<std::uint64_t> bytes = ParseBytes(std::get<std::string>(value));
    if (!bytes) return "must be a number and B, kB, MB, GB, TB, MiB or GiB, e.g. \"8GB\", or \"0\"";
    *field = *bytes;
    return {};
  };
  option.get = [field]() -> OptionValue { return FormatBytes(*field); };
  return option;
}

Option NamedOption(std::string key, std::string* field, std::vector<std::string> names,
                   std::string meaning) {
  Option option = TextOption(std::move(key), field, std::move(meaning));
  option.choices = names;
  option.set = [field, names](const OptionValue& value) -> std::string {
    const std::string& text = std::get<std::string>(value);
    if (std::find(names.begin(), names.end(), text) == names.end()) return OneOf(names);
    *field = text;
    return {};
  };
  return option;
}

}  // namespace rookery
