// Buffer: the owned bytes of one message, from the code that encodes to the code that decodes
// without a copy. A header room before the body lets the transport write its frame header in place.
//
// Layout   [ header room: kHeaderRoom bytes | body ], the body aligned to 64 bytes.
// Owner    one at a time (move only). Not shared between threads.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "common/block_pool.h"

namespace rookery {

class Buffer {
 public:
  static constexpr std::size_t kHeaderRoom = 64;
  static constexpr std::size_t kAlignment = kBlockAlignment;

  Buffer() = default;
  // The body is uninitialised. Callers check `body_bytes` against common/limits.h first.
  explicit Buffer(std::size_t body_bytes)
      : bytes_(static_cast<std::byte*>(TakeBlock(kHeaderRoom + body_bytes)), Give(body_bytes)) {}

  [[nodiscard]] std::size_t size() const { return bytes_ ? bytes_.get_deleter().body_bytes : 0; }
  [[nodiscard]] std::span<std::byte> body() {
    return bytes_ ? std::span(bytes_.get() + kHeaderRoom, size()) : std::span<std::byte>();
  }
  [[nodiscard]] std::span<const std::byte> body() const {
    return bytes_ ? std::span<const std::byte>(bytes_.get() + kHeaderRoom, size())
                  : std::span<const std::byte>();
  }
  // The last `header_bytes` of the header room and the body, contiguous: what goes on the wire.
  // REQUIRES: not empty-constructed; header_bytes <= kHeaderRoom.
  [[nodiscard]] std::span<std::byte> frame(std::size_t header_bytes) {
    return {bytes_.get() + kHeaderRoom - header_bytes, header_bytes + size()};
  }

 private:
  struct Give {
    Give() : Give(0) {}
    Give(std::size_t bytes) : body_bytes(bytes) {}  // NOLINT: implicit on purpose
    void operator()(std::byte* bytes) const { GiveBlock(bytes, kHeaderRoom + body_bytes); }
    std::size_t body_bytes;
  };
  std::unique_ptr<std::byte, Give> bytes_;
};

}  // namespace rookery
