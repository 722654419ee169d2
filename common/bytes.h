// ByteWriter and ByteReader: fixed-width little-endian fields and arrays over a span.
//
// The reader never trusts a length: a read past the end makes it fail for good, returns zeros and
// empty spans, and Finish() reports it. Arrays are aligned to 8 bytes from the start of the span,
// padding is zero, so that floats and keys can be used in place. Not shared between threads.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "common/check.h"
#include "common/error.h"

namespace rookery {

static_assert(std::endian::native == std::endian::little, "fields are copied as little-endian");

inline constexpr std::size_t kArrayAlignment = 8;
[[nodiscard]] constexpr std::size_t AlignUp(std::size_t bytes) {
  return (bytes + kArrayAlignment - 1) / kArrayAlignment * kArrayAlignment;
}

template <class T>
concept WireNumber = std::integral<T> || std::floating_point<T> || std::is_enum_v<T>;

// REQUIRES (caller bug otherwise): everything written fits the span.
class ByteWriter {
 public:
  explicit ByteWriter(std::span<std::byte> bytes) : bytes_(bytes) {}

  template <WireNumber T>
  void Put(T value) {
    std::memcpy(Take(sizeof(T)).data(), &value, sizeof(T));
  }
  // The values only; their count is a field of its own. Aligned.
  template <WireNumber T>
  void PutArray(std::span<const T> values) {
    std::span<std::byte> room = TakeArray(values.size_bytes());
    if (!values.empty()) std::memcpy(room.data(), values.data(), values.size_bytes());
  }
  // Room for `count` values which the caller fills in place. Aligned.
  template <WireNumber T>
  [[nodiscard]] std::span<T> Reserve(std::size_t count) {
    std::span<std::byte> room = TakeArray(count * sizeof(T));
    return {reinterpret_cast<T*>(room.data()), count};
  }
  void PutString(std::string_view text) {
    Put(static_cast<std::uint32_t>(text.size()));
    std::span<std::byte> room = Take(text.size());
    if (!text.empty()) std::memcpy(room.data(), text.data(), text.size());
  }
  [[nodiscard]] std::size_t position() const { return position_; }

 private:
  std::span<std::byte> Take(std::size_t count) {
    ROOKERY_CHECK(count <= bytes_.size() - position_) << "encoder wrote past its size";
    std::span<std::byte> room = bytes_.subspan(position_, count);
    position_ += count;
    return room;
  }
  std::span<std::byte> TakeArray(std::size_t count) {
    while (position_ % kArrayAlignment != 0) Put(std::uint8_t{0});
    return Take(count);
  }

  std::span<std::byte> bytes_;
  std::size_t position_ = 0;
};

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <WireNumber T>
  [[nodiscard]] T Get() {
    T value{};
    std::span<const std::byte> room = Take(sizeof(T));
    if (room.size() == sizeof(T)) std::memcpy(&value, room.data(), sizeof(T));
    return value;
  }
  // A view into the span; empty after a failure. REQUIRES: the span itself is 8-byte aligned.
  template <WireNumber T>
  [[nodiscard]] std::span<const T> GetArray(std::size_t count) {
    const std::size_t padding = AlignUp(position_) - position_;
    if (failed_ || padding > remaining() || count > (remaining() - padding) / sizeof(T)) {
      failed_ = true;
      return {};
    }
    position_ += padding;
    std::span<const std::byte> room = Take(count * sizeof(T));
    return {reinterpret_cast<const T*>(room.data()), count};
  }
  [[nodiscard]] std::string_view GetString(std::size_t bytes_max) {
    const auto size = Get<std::uint32_t>();
    if (size > bytes_max) failed_ = true;
    std::span<const std::byte> room = Take(size);
    return {reinterpret_cast<const char*>(room.data()), room.size()};
  }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] std::size_t remaining() const { return bytes_.size() - position_; }
  // kCorrupt when a read failed or bytes are left over.
  [[nodiscard]] Status Finish(std::string_view what) const {
    if (failed_) return Corrupt(what, ": ends early, ", bytes_.size(), " bytes");
    if (remaining() != 0) return Corrupt(what, ": ", remaining(), " bytes too many");
    return OkStatus();
  }

 private:
  std::span<const std::byte> Take(std::size_t count) {
    if (failed_ || count > bytes_.size() - position_) {
      failed_ = true;
      return {};
    }
    std::span<const std::byte> room = bytes_.subspan(position_, count);
    position_ += count;
    return room;
  }

  std::span<const std::byte> bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

}  // namespace rookery
