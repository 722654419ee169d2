// Any bytes as one frame: as they are, and with the checksum made right.
#include <algorithm>
#include <utility>

#include "common/bytes.h"
#include "common/check.h"
#include "common/hash.h"
#include "common/limits.h"
#include "net/frame.h"
#include "tests/fuzz/targets.h"

namespace rookery {
namespace {

constexpr JobNumber kJob{0x1234};
constexpr std::size_t kFlagsAt = 18;
constexpr std::size_t kChecksumAt = 20;

Buffer ReceivedFrame(FuzzBytes bytes) {
  Buffer buffer(bytes.size() - kFrameHeaderBytes);
  std::ranges::copy(bytes, buffer.frame(kFrameHeaderBytes).begin());
  return buffer;
}

bool OpenAndSeal(FuzzBytes bytes) {
  StatusOr<Frame> frame = OpenFrame(ReceivedFrame(bytes), kJob);
  if (!frame.ok()) return false;
  ROOKERY_CHECK(frame->body.size() == bytes.size() - kFrameHeaderBytes);
  const auto check = bytes[kFlagsAt] == std::byte{0} ? FrameCheck::kAll : FrameCheck::kHeader;
  ROOKERY_CHECK(std::ranges::equal(SealFrame(*frame, kJob, check), bytes))
      << "another frame came out";
  return true;
}

}  // namespace

bool FuzzFrame(FuzzBytes bytes) {
  const StatusOr<std::size_t> announced =
      AnnouncedBodyBytes(bytes.first(std::min(bytes.size(), kFrameHeaderBytes)), kJob);
  if (bytes.size() < kFrameHeaderBytes) {
    ROOKERY_CHECK(!announced.ok());
    return false;
  }
  ROOKERY_CHECK(!announced.ok() || *announced <= kMessageBytesMax);
  if (OpenAndSeal(bytes)) return true;
  std::string mended(TextOfBytes(bytes));
  const std::span<std::byte> room = std::as_writable_bytes(std::span(mended));
  const auto field = room.subspan(kChecksumAt, sizeof(std::uint32_t));
  std::ranges::fill(field, std::byte{0});
  const bool header_only = (room[kFlagsAt] & std::byte{kFrameBodyUnchecked}) != std::byte{0};
  const std::size_t covered = header_only ? kFrameHeaderBytes : room.size();
  ByteWriter(field).Put(static_cast<std::uint32_t>(HashBytes(room.first(covered))));
  return OpenAndSeal(room);
}

FuzzSeeds SeedsOfFrame() {
  FuzzSeeds seeds;
  const auto add = [&](Frame frame, FrameCheck check) {
    seeds.emplace_back(TextOfBytes(SealFrame(frame, kJob, check)));
  };
  add({FrameKind::kRequest, VerbId{16}, 1, Code::kOk, Buffer(0)}, FrameCheck::kAll);
  add({FrameKind::kReply, VerbId{17}, 7, Code::kCorrupt, BufferOfBytes(BytesOfText("no row"))},
      FrameCheck::kAll);
  add({FrameKind::kOneWay, VerbId{32}, 9, Code::kOk, BufferOfBytes(BytesOfText("12345678"))},
      FrameCheck::kHeader);
  return seeds;
}

}  // namespace rookery
