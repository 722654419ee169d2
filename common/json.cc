#include "common/json.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/src.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <cmath>
#include <exception>

namespace rookery {
namespace {

namespace json = boost::json;
using ErrorCode = json::error_code;

constexpr std::size_t kDepthMax = 64;

// Builds values from parser events as boost::json::parser does, except that a double is read from
// its text by std::from_chars.
struct Handler {
  static constexpr std::size_t max_object_size = std::size_t{1} << 30;
  static constexpr std::size_t max_array_size = std::size_t{1} << 30;
  static constexpr std::size_t max_key_size = std::size_t{1} << 20;
  static constexpr std::size_t max_string_size = std::size_t{1} << 30;

  json::value_stack values;
  std::string number;

  bool on_document_begin(ErrorCode&) { return true; }
  bool on_document_end(ErrorCode&) { return true; }
  bool on_object_begin(ErrorCode&) { return true; }
  bool on_object_end(std::size_t count, ErrorCode&) { return values.push_object(count), true; }
  bool on_array_begin(ErrorCode&) { return true; }
  bool on_array_end(std::size_t count, ErrorCode&) { return values.push_array(count), true; }
  bool on_key_part(json::string_view text, std::size_t, ErrorCode&) { return Chars(text); }
  bool on_key(json::string_view text, std::size_t, ErrorCode&) {
    return values.push_key(text), true;
  }
  bool on_string_part(json::string_view text, std::size_t, ErrorCode&) { return Chars(text); }
  bool on_string(json::string_view text, std::size_t, ErrorCode&) {
    return values.push_string(text), true;
  }
  bool on_number_part(json::string_view text, ErrorCode&) {
    number.append(text.data(), text.size());
    return true;
  }
  bool on_int64(std::int64_t value, json::string_view, ErrorCode&) {
    number.clear();
    return values.push_int64(value), true;
  }
  bool on_uint64(std::uint64_t value, json::string_view, ErrorCode&) {
    number.clear();
    return values.push_uint64(value), true;
  }
  bool on_double(double value, json::string_view text, ErrorCode&) {
    number.append(text.data(), text.size());
    // Out of range keeps Boost's answer: zero or infinity.
    std::from_chars(number.data(), number.data() + number.size(), value);
    number.clear();
    return values.push_double(value), true;
  }
  bool on_bool(bool value, ErrorCode&) { return values.push_bool(value), true; }
  bool on_null(ErrorCode&) { return values.push_null(), true; }
  bool on_comment_part(json::string_view, ErrorCode&) { return true; }
  bool on_comment(json::string_view, ErrorCode&) { return true; }

 private:
  bool Chars(json::string_view text) { return values.push_chars(text), true; }
};

Status ErrorAt(std::string_view name, std::string_view text, std::size_t position,
               std::string_view what) {
  const std::string_view before = text.substr(0, std::min(position, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t newline = before.rfind('\n');
  const std::size_t column =
      before.size() - (newline == std::string_view::npos ? 0 : newline + 1) + 1;
  return Corrupt(name, ":", line, ":", column, ": not JSON: ", what);
}

class Printer {
 public:
  explicit Printer(bool pretty) : pretty_(pretty) {}

  void Print(const Json& value) {
    switch (value.kind()) {
      case json::kind::null:
        out_ += "null";
        break;
      case json::kind::bool_:
        out_ += value.get_bool() ? "true" : "false";
        break;
      case json::kind::int64:
        Digits(value.get_int64());
        break;
      case json::kind::uint64:
        Digits(value.get_uint64());
        break;
      case json::kind::double_:
        Double(value.get_double());
        break;
      case json::kind::string:
        Text(value.get_string());
        break;
      case json::kind::array:
        Array(value.get_array());
        break;
      case json::kind::object:
        Object(value.get_object());
        break;
    }
  }
  [[nodiscard]] std::string Take() { return std::move(out_); }

 private:
  template <class T>
  void Digits(T value) {
    char text[32];
    out_.append(text, std::to_chars(text, text + sizeof(text), value).ptr);
  }
  void Double(double value) {
    if (!std::isfinite(value)) {
      out_ += "null";
      return;
    }
    const std::size_t begin = out_.size();
    Digits(value);
    if (out_.find_first_of(".e", begin) == std::string::npos) out_ += ".0";
  }
  void Text(std::string_view text) { out_ += json::serialize(json::string_view(text)); }
  void Array(const JsonArray& array) {
    const bool lines = pretty_ && std::any_of(array.begin(), array.end(),
                                              [](const Json& item) { return !item.is_number(); });
    out_ += '[';
    Sequence(array, lines, [this](const Json& item) { Print(item); });
    out_ += ']';
  }
  void Object(const JsonObject& object) {
    out_ += '{';
    Sequence(object, pretty_, [this](const json::key_value_pair& member) {
      Text(member.key());
      out_ += pretty_ ? ": " : ":";
      Print(member.value());
    });
    out_ += '}';
  }
  template <class Items, class PrintItem>
  void Sequence(const Items& items, bool lines, const PrintItem& print_item) {
    if (items.empty()) return;
    ++level_;
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_ += pretty_ && !lines ? ", " : ",";
      first = false;
      if (lines) NewLine();
      print_item(item);
    }
    --level_;
    if (lines) NewLine();
  }
  void NewLine() {
    out_ += '\n';
    out_.append(2 * level_, ' ');
  }

  const bool pretty_;
  std::size_t level_ = 0;
  std::string out_;
};

}  // namespace

StatusOr<Json> ParseJson(std::string_view text, std::string_view name) {
  try {
    json::parse_options options;
    options.max_depth = kDepthMax;
    json::basic_parser<Handler> parser(options);
    ErrorCode error;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
    if (error) return ErrorAt(name, text, read, error.message());
    if (text.find_first_not_of(" \t\r\n", read) != std::string_view::npos) {
      return ErrorAt(name, text, read, "extra text after the value");
    }
    return parser.handler().values.release();
  } catch (const std::exception& failure) {  // allocation limits of Boost
    return Corrupt(name, ": not JSON: ", failure.what());
  }
}

std::string WriteJson(const Json& value) {
  Printer printer(false);
  printer.Print(value);
  return printer.Take();
}

std::string WriteJsonPretty(const Json& value) {
  Printer printer(true);
  printer.Print(value);
  return printer.Take() + "\n";
}

}  // namespace rookery
