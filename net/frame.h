// The header before every message body; docs/wire_format.md describes the bytes.
//
//   magic u32 "RKRY" | version u8 | kind u8 | verb u16 | request id u64 | status u16 | flags u16
//   | checksum u32 | body bytes u64                                              = 32 bytes
//
// The checksum is the low half of XXH3-64 over the header (checksum = 0) and the body, or over the
// header alone when the flag says so: between ranks of one host the bytes never leave memory.
// Fields are written one by one, little-endian. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/buffer.h"
#include "common/error.h"
#include "common/types.h"

namespace rookery {

inline constexpr std::uint32_t kFrameMagic = 0x59524b52;  // "RKRY"
inline constexpr std::uint8_t kFrameVersion = 2;
inline constexpr std::size_t kFrameHeaderBytes = 32;

enum class FrameKind : std::uint8_t { kRequest = 0, kReply = 1, kOneWay = 2 };

enum FrameFlags : std::uint16_t { kFrameBodyUnchecked = 1 };

// What the checksum covers.
enum class FrameCheck : std::uint8_t { kAll = 0, kHeader = 1 };

struct Frame {
  FrameKind kind = FrameKind::kRequest;
  VerbId verb{};
  std::uint64_t request_id = 0;
  Code status = Code::kOk;  // replies only; the body of a failed reply is the message text
  Buffer body;
};

// Writes the header into the header room of frame.body; the bytes of the whole frame.
// REQUIRES: frame.body was made with a size (0 is fine), not default-constructed.
[[nodiscard]] std::span<std::byte> SealFrame(Frame& frame, FrameCheck check = FrameCheck::kAll);

// `bytes` holds header and body as received: checks magic, version, kind, length and checksum.
// `buffer` is the storage of `bytes` with kFrameHeaderBytes of its header room in use.
[[nodiscard]] StatusOr<Frame> OpenFrame(Buffer buffer);

// The body bytes that `header` (kFrameHeaderBytes long) announces, for a transport that must
// allocate before the body comes: checks magic, version and kMessageBytesMax, not the checksum.
[[nodiscard]] StatusOr<std::size_t> AnnouncedBodyBytes(std::span<const std::byte> header);

}  // namespace rookery
