// How frames are laid on MPI messages (docs/wire_format.md "On MPI"); shared by sender and
// receiver.
#pragma once

#include <algorithm>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <span>

#include "common/limits.h"
#include "net/frame.h"

namespace rookery {

inline constexpr int kFrameTag = 1;    // a small frame, or the header of a large one
inline constexpr int kPayloadTag = 2;  // a piece of the body of a large frame
inline constexpr std::size_t kRingSlotBytes = kFrameHeaderBytes + kSmallMessageBytes;

// Bodies that a peer has announced and not sent yet, together: a sender that keeps to
// MpiOptions::bytes_in_flight_max stays far below.
inline constexpr std::size_t kAnnouncedBytesMax = 4 * kMessageBytesMax;

static_assert(kChunkBytes <= INT_MAX && kRingSlotBytes <= INT_MAX, "MPI counts are int");

// Calls visit(piece) for each piece of a large body, in order.
template <class Visit>
void ForEachPiece(std::span<std::byte> body, Visit visit) {
  while (!body.empty()) {
    const std::span<std::byte> piece = body.first(std::min(body.size(), kChunkBytes));
    visit(piece);
    body = body.subspan(piece.size());
  }
}

}  // namespace rookery
