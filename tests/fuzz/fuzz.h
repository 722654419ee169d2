// What every fuzz target is: a body that gives any bytes to one decoder, and seeds that the decoder
// accepts, made by our own encoders. docs/adding_things.md says how to add one.
//
// The bodies run in three programs: `fuzz` (libFuzzer, launch/fuzz), `fuzz_test` (seeds, the
// committed corpus and a few mutations; every compiler) and `fuzz_seeds` (writes the seeds).
// A body crashes, by ROOKERY_CHECK or a sanitizer, when something is wrong. It keeps nothing from
// one call to the next, and is pure: no clock, no disk, no thread of its own.
#pragma once

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/buffer.h"

namespace rookery {

struct FuzzTarget {
  std::string_view name;
  // Whether the decoder accepted the bytes.
  bool (*body)(std::span<const std::byte> bytes);
  std::vector<std::string> (*seeds)();
};

// tests/fuzz/targets.cc: all of them.
[[nodiscard]] std::span<const FuzzTarget> FuzzTargets();

inline std::string_view TextOfBytes(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
inline std::span<const std::byte> BytesOfText(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}
// Exactly as long as the bytes and aligned as a message is, so that a sanitizer sees a read past
// its end.
inline Buffer BufferOfBytes(std::span<const std::byte> bytes) {
  Buffer buffer(bytes.size());
  if (!bytes.empty()) std::memcpy(buffer.body().data(), bytes.data(), bytes.size());
  return buffer;
}

// Takes small numbers and byte strings off the front of the input, for bodies that need several. At
// the end it gives zeros.
class FuzzInput {
 public:
  explicit FuzzInput(std::span<const std::byte> bytes) : bytes_(bytes) {}
  [[nodiscard]] bool empty() const { return bytes_.empty(); }
  [[nodiscard]] std::uint8_t Byte() {
    if (bytes_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(bytes_.front());
    bytes_ = bytes_.subspan(1);
    return value;
  }
  // A length of two bytes and as many bytes as are there of it.
  [[nodiscard]] std::span<const std::byte> Piece() {
    const std::size_t low = Byte();
    const std::size_t length = low + 256 * std::size_t{Byte()};
    const auto piece = bytes_.first(std::min(length, bytes_.size()));
    bytes_ = bytes_.subspan(piece.size());
    return piece;
  }
  [[nodiscard]] std::span<const std::byte> Rest() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
};

// What FuzzInput::Piece reads.
inline std::string PieceOf(std::string_view bytes) {
  std::string piece{static_cast<char>(bytes.size() % 256), static_cast<char>(bytes.size() / 256)};
  return piece.append(bytes);
}

// Record files (io/record_file.h) with their checksums made right again, so that damage is found by
// what reads the payload and not by the checksum.
[[nodiscard]] std::string WithRightChecksums(std::span<const std::byte> record_file);

}  // namespace rookery
