// The header before every message body; docs/wire_format.md describes the bytes.
//
//   magic u32 "RKRY" | version u8 | kind u8 | verb u16 | request id u64 | status u16 | flags u16
//   | checksum u32 | body bytes u64 | job u64                                    = 40 bytes
//
// The job is a number that all ranks of one job share and no other job has: who knows another one
// is not of us.
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
inline constexpr std::uint8_t kFrameVersion = 3;
inline constexpr std::size_t kFrameHeaderBytes = 40;

enum class FrameKind : std::uint8_t { kRequest = 0, kReply = 1, kOneWay = 2 };

enum FrameFlags : std::uint16_t { kFrameBodyUnchecked = 1 };

// What the checksum covers.
enum class FrameCheck : std::uint8_t { kAll = 0, kHeader = 1 };

enum class JobNumber : std::uint64_t {};

struct Frame {
  FrameKind kind = FrameKind::kRequest;
  VerbId verb{};
  std::uint64_t request_id = 0;
  Code status = Code::kOk;  // replies only; the body of a failed reply is the message text
  Buffer body;
};

// Writes the header into the header room of frame.body; the bytes of the whole frame.
// REQUIRES: frame.body was made with a size (0 is fine), not default-constructed.
[[nodiscard]] std::span<std::byte> SealFrame(Frame& frame, JobNumber job,
                                             FrameCheck check = FrameCheck::kAll);

// Header and body as received: checks magic, version, job, kind, length and checksum.
// `buffer` holds the body, and the header in the last kFrameHeaderBytes of its header room.
[[nodiscard]] StatusOr<Frame> OpenFrame(Buffer buffer, JobNumber job);

// The body bytes that `header` (kFrameHeaderBytes long) announces, for a transport that must
// allocate before the body comes: checks magic, version, job and kMessageBytesMax, not the
// checksum.
[[nodiscard]] StatusOr<std::size_t> AnnouncedBodyBytes(std::span<const std::byte> header,
                                                       JobNumber job);

}  // namespace rookery
