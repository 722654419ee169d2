// JSON text <-> boost::json::value. The one border of Boost.JSON: whoever needs JSON includes this
// header and may use the value type; parsing and printing happen here, so that numbers survive a
// round trip bit for bit (Boost's own number parser may be off by an ulp) and errors say where.
//
// Owner    plain values. Threads: pure functions.
// Errors   ParseJson: kCorrupt "name:line:column: what". JsonFields: kCorrupt "name: what".
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/error.h"

namespace rookery {

using Json = boost::json::value;
using JsonArray = boost::json::array;
using JsonObject = boost::json::object;

// Strict JSON (RFC 8259): no comments, no trailing commas, at most 64 levels. `name` is the file or
// message the text came from.
[[nodiscard]] StatusOr<Json> ParseJson(std::string_view text, std::string_view name);

// One line; members in the order of insertion. A double prints the fewest digits that read back as
// the same double, and always as a number with a '.' or an exponent; NaN and infinities are null.
[[nodiscard]] std::string WriteJson(const Json& value);
// The same with one member or element a line, two blanks a level, and a newline at the end. Arrays
// of numbers stay on one line.
[[nodiscard]] std::string WriteJsonPretty(const Json& value);

// Reads the members of one object. A missing or ill-typed member makes it fail for good: getters
// return zero values from then on, and Finish() reports the first failure. So a caller reads
// everything and checks once.
class JsonFields {
 public:
  // `value` outlives this. Not an object: fails.
  JsonFields(const Json& value, std::string_view name);

  [[nodiscard]] bool Has(std::string_view field) const;
  [[nodiscard]] std::string Text(std::string_view field);
  [[nodiscard]] double Number(std::string_view field);  // integers too
  [[nodiscard]] std::int64_t Signed(std::string_view field);
  [[nodiscard]] std::uint64_t Unsigned(std::string_view field, std::uint64_t maximum = UINT64_MAX);
  [[nodiscard]] bool Bool(std::string_view field);
  [[nodiscard]] const JsonArray& Array(std::string_view field);
  // For a nested JsonFields; a failure inside it is reported with Add(). null when absent.
  [[nodiscard]] const Json& Value(std::string_view field);

  void Fail(std::string_view field, std::string_view what);
  void Add(const Status& status);  // keeps the first failure
  [[nodiscard]] Status Finish() const { return status_; }

 private:
  const Json* Find(std::string_view field);

  const JsonObject* object_ = nullptr;
  std::string name_;
  Status status_;
};

}  // namespace rookery
