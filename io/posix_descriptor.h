// What the POSIX files share: an open descriptor that closes itself, opening and writing.
// Errors   of the system, with path and action.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/error.h"

namespace rookery {

// An open descriptor, closed when it goes.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();
  [[nodiscard]] int number() const { return number_; }
  // 0 or the error number.
  [[nodiscard]] int Close();

 private:
  int number_;
};

// `flags` of open(2); `action` for the error's text.
[[nodiscard]] StatusOr<Descriptor> OpenDescriptor(const std::string& path, int flags,
                                                  std::string_view action);

// The most that one call moves.
inline constexpr std::size_t kWriteBytesMax = std::size_t{64} << 20;

// All of `bytes`, behind what was written last or at `offset`: 0 or the error number.
[[nodiscard]] int WriteAll(const Descriptor& descriptor, std::span<const std::byte> bytes);
[[nodiscard]] int WriteAllAt(const Descriptor& descriptor, std::span<const std::byte> bytes,
                             std::uint64_t offset);

}  // namespace rookery
