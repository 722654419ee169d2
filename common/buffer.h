// Buffer: the owned bytes of one message, from the code that encodes to the code that decodes
// without a copy. A header room before the body lets the transport write its frame header in place.
//
// Layout   [ header room: kHeaderRoom bytes | body ], the body aligned to 64 bytes.
// Owner    one at a time (move only). Not shared between threads.
#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <utility>

namespace rookery {

class Buffer {
 public:
  static constexpr std::size_t kHeaderRoom = 64;
  static constexpr std::size_t kAlignment = 64;

  Buffer() = default;
  // The body is uninitialised. Callers check `body_bytes` against common/limits.h first.
  explicit Buffer(std::size_t body_bytes)
      : bytes_(static_cast<std::byte*>(
            ::operator new(kHeaderRoom + body_bytes, std::align_val_t{kAlignment}))),
        body_bytes_(body_bytes) {}
  Buffer(Buffer&& other) noexcept
      : bytes_(std::move(other.bytes_)), body_bytes_(std::exchange(other.body_bytes_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    bytes_ = std::move(other.bytes_);
    body_bytes_ = std::exchange(other.body_bytes_, 0);
    return *this;
  }

  [[nodiscard]] std::size_t size() const { return body_bytes_; }
  [[nodiscard]] std::span<std::byte> body() {
    return bytes_ ? std::span(bytes_.get() + kHeaderRoom, body_bytes_) : std::span<std::byte>();
  }
  [[nodiscard]] std::span<const std::byte> body() const {
    return bytes_ ? std::span<const std::byte>(bytes_.get() + kHeaderRoom, body_bytes_)
                  : std::span<const std::byte>();
  }
  // The last `header_bytes` of the header room and the body, contiguous: what goes on the wire.
  // REQUIRES: not empty-constructed; header_bytes <= kHeaderRoom.
  [[nodiscard]] std::span<std::byte> frame(std::size_t header_bytes) {
    return {bytes_.get() + kHeaderRoom - header_bytes, header_bytes + body_bytes_};
  }

 private:
  struct Free {
    void operator()(std::byte* bytes) const {
      ::operator delete(bytes, std::align_val_t{kAlignment});
    }
  };
  std::unique_ptr<std::byte, Free> bytes_;
  std::size_t body_bytes_ = 0;
};

}  // namespace rookery
