// Status and StatusOr<T>: the result of what the world does (files, peers, users).
//
// Our own bugs are ROOKERY_CHECK (common/check.h), never a Status. A message says what happened,
// where (file:line:column, table and key, rank and verb) and what would be right; Annotate() adds
// the context that only the caller knows. Values, no owner; not shared between threads.
#pragma once

#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace rookery {

enum class Code : std::uint8_t {
  kOk = 0,
  kInvalidInput = 1,  // the user's input is wrong: exit status 2
  kNotFound = 2,
  kCorrupt = 3,      // bytes from a file or a peer are not what they must be
  kDeadline = 4,     // no answer in time; the message names verb, rank and time waited
  kUnavailable = 5,  // the peer is gone or shutting down
  kExhausted = 6,    // a documented limit was reached
  kIo = 7,           // the operating system refused
  kAborted = 8,      // given up on purpose, e.g. at shutdown
  kInternal = 9,
  kDiverged = 10,  // training went astray; never in a message
};

[[nodiscard]] std::string_view CodeName(Code code);

class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(Code code, std::string message) : code_(code), message_(std::move(message)) {}

  [[nodiscard]] bool ok() const { return code_ == Code::kOk; }
  [[nodiscard]] Code code() const { return code_; }
  [[nodiscard]] const std::string& message() const { return message_; }
  // "corrupt: dense.bin: checksum ..."; "ok" when ok().
  [[nodiscard]] std::string ToString() const;

 private:
  Code code_ = Code::kOk;
  std::string message_;
};

[[nodiscard]] inline Status OkStatus() { return {}; }

// Joins its arguments with operator<<.
template <class... Parts>
[[nodiscard]] std::string StrCat(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  return std::move(text).str();
}

template <class... Parts>
Status InvalidInput(const Parts&... parts) {
  return {Code::kInvalidInput, StrCat(parts...)};
}
template <class... Parts>
Status NotFound(const Parts&... parts) {
  return {Code::kNotFound, StrCat(parts...)};
}
template <class... Parts>
Status Corrupt(const Parts&... parts) {
  return {Code::kCorrupt, StrCat(parts...)};
}
template <class... Parts>
Status IoError(const Parts&... parts) {
  return {Code::kIo, StrCat(parts...)};
}
template <class... Parts>
Status Internal(const Parts&... parts) {
  return {Code::kInternal, StrCat(parts...)};
}

// "<context>: <message>", same code; an ok status stays ok.
template <class... Parts>
Status Annotate(const Status& status, const Parts&... context) {
  if (status.ok()) return status;
  return {status.code(), StrCat(context..., ": ", status.message())};
}

template <class T>
class [[nodiscard]] StatusOr {
 public:
  StatusOr(T value) : value_(std::move(value)) {}             // NOLINT: implicit on purpose
  StatusOr(Status status) : status_(std::move(status)) {      // NOLINT: implicit on purpose
    if (status_.ok()) status_ = Internal("StatusOr made from an ok status");
  }

  [[nodiscard]] bool ok() const { return value_.has_value(); }
  [[nodiscard]] const Status& status() const { return status_; }
  // REQUIRES: ok().
  [[nodiscard]] T& value() & { return *value_; }
  [[nodiscard]] const T& value() const& { return *value_; }
  [[nodiscard]] T&& value() && { return *std::move(value_); }
  T& operator*() & { return *value_; }
  const T& operator*() const& { return *value_; }
  T&& operator*() && { return *std::move(value_); }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  Status status_;
  std::optional<T> value_;
};

#define ROOKERY_CONCAT_INNER(a, b) a##b
#define ROOKERY_CONCAT(a, b) ROOKERY_CONCAT_INNER(a, b)

// The four early returns; the CO_ pair is for coroutines.
#define ROOKERY_RETURN_IF_ERROR(expression)                                    \
  do {                                                                         \
    if (::rookery::Status status_ = (expression); !status_.ok()) return status_; \
  } while (false)
#define ROOKERY_CO_RETURN_IF_ERROR(expression)                                 \
  do {                                                                         \
    ::rookery::Status status_ = (expression);                                  \
    if (!status_.ok()) co_return status_;                                      \
  } while (false)
#define ROOKERY_ASSIGN_OR_RETURN(target, expression) \
  ROOKERY_ASSIGN_OR_RETURN_INNER(ROOKERY_CONCAT(result_, __LINE__), target, expression)
#define ROOKERY_ASSIGN_OR_RETURN_INNER(name, target, expression) \
  auto name = (expression);                                      \
  if (!name.ok()) return name.status();                          \
  target = std::move(name).value()
#define ROOKERY_CO_ASSIGN_OR_RETURN(target, expression) \
  ROOKERY_CO_ASSIGN_OR_RETURN_INNER(ROOKERY_CONCAT(result_, __LINE__), target, expression)
#define ROOKERY_CO_ASSIGN_OR_RETURN_INNER(name, target, expression) \
  auto name = (expression);                                         \
  if (!name.ok()) co_return name.status();                          \
  target = std::move(name).value()

}  // namespace rookery
