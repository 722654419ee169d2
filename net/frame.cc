#include "net/frame.h"

#include <algorithm>

#include "common/bytes.h"
#include "common/check.h"
#include "common/hash.h"
#include "common/limits.h"

namespace rookery {
namespace {

constexpr std::size_t kChecksumOffset = 20;
constexpr std::size_t kChecksumBytes = sizeof(std::uint32_t);
static_assert(kFrameHeaderBytes <= Buffer::kHeaderRoom);

// REQUIRES: the checksum field of `frame` is zero.
std::uint32_t Checksum(std::span<const std::byte> frame, std::uint16_t flags) {
  const bool header_only = (flags & kFrameBodyUnchecked) != 0;
  return static_cast<std::uint32_t>(
      HashBytes(header_only ? frame.first(kFrameHeaderBytes) : frame));
}

std::span<std::byte> ChecksumField(std::span<std::byte> frame) {
  return frame.subspan(kChecksumOffset, kChecksumBytes);
}

struct Header {
  std::uint32_t magic = 0;
  std::uint8_t version = 0;
  std::uint8_t kind = 0;
  VerbId verb{};
  std::uint64_t request_id = 0;
  std::uint16_t status = 0;
  std::uint16_t flags = 0;
  std::uint32_t checksum = 0;
  std::uint64_t body_bytes = 0;
  JobNumber job{};
};

Header ReadHeader(std::span<const std::byte> bytes) {
  ByteReader reader(bytes.first(kFrameHeaderBytes));
  Header header;
  header.magic = reader.Get<std::uint32_t>();
  header.version = reader.Get<std::uint8_t>();
  header.kind = reader.Get<std::uint8_t>();
  header.verb = reader.Get<VerbId>();
  header.request_id = reader.Get<std::uint64_t>();
  header.status = reader.Get<std::uint16_t>();
  header.flags = reader.Get<std::uint16_t>();
  header.checksum = reader.Get<std::uint32_t>();
  header.body_bytes = reader.Get<std::uint64_t>();
  header.job = reader.Get<JobNumber>();
  return header;
}

Status CheckPrefix(const Header& header, JobNumber job) {
  if (header.magic != kFrameMagic) {
    return Corrupt("frame: magic ", header.magic, ", expected ", kFrameMagic);
  }
  if (header.version != kFrameVersion) {
    return Corrupt("frame: version ", int{header.version}, ", this program speaks version ",
                   int{kFrameVersion});
  }
  if (header.job != job) {
    return Corrupt("frame: of job ", Raw(header.job), ", this rank is of job ", Raw(job));
  }
  if (header.body_bytes > kMessageBytesMax) {
    return Corrupt("frame: body of ", header.body_bytes, " bytes, at most ", kMessageBytesMax);
  }
  return OkStatus();
}

Status CheckFields(const Header& header, std::size_t body_bytes, JobNumber job) {
  ROOKERY_RETURN_IF_ERROR(CheckPrefix(header, job));
  if (header.body_bytes != body_bytes) {
    return Corrupt("frame: header says ", header.body_bytes, " body bytes, received ", body_bytes);
  }
  if (header.kind > Raw(FrameKind::kOneWay)) return Corrupt("frame: kind ", int{header.kind});
  if (header.flags > kFrameBodyUnchecked) return Corrupt("frame: flags ", header.flags);
  const bool reply = header.kind == Raw(FrameKind::kReply);
  if (header.status > (reply ? Raw(Code::kInternal) : 0)) {
    return Corrupt("frame: status ", header.status);
  }
  return OkStatus();
}

}  // namespace

std::span<std::byte> SealFrame(Frame& frame, JobNumber job, FrameCheck check) {
  ROOKERY_CHECK(frame.body.body().data() != nullptr) << "frame body was never made";
  const std::span<std::byte> bytes = frame.body.frame(kFrameHeaderBytes);
  const std::uint16_t flags = check == FrameCheck::kHeader ? kFrameBodyUnchecked : 0;
  ByteWriter writer(bytes.first(kFrameHeaderBytes));
  writer.Put(kFrameMagic);
  writer.Put(kFrameVersion);
  writer.Put(frame.kind);
  writer.Put(frame.verb);
  writer.Put(frame.request_id);
  writer.Put(static_cast<std::uint16_t>(Raw(frame.status)));
  writer.Put(flags);
  writer.Put(std::uint32_t{0});
  writer.Put(static_cast<std::uint64_t>(frame.body.size()));
  writer.Put(job);
  ByteWriter(ChecksumField(bytes)).Put(Checksum(bytes, flags));
  return bytes;
}

StatusOr<Frame> OpenFrame(Buffer buffer, JobNumber job) {
  if (buffer.body().data() == nullptr) return Corrupt("frame: no bytes");
  const std::span<std::byte> bytes = buffer.frame(kFrameHeaderBytes);
  const Header header = ReadHeader(bytes);
  ROOKERY_RETURN_IF_ERROR(CheckFields(header, buffer.size(), job));
  std::ranges::fill(ChecksumField(bytes), std::byte{0});
  if (const std::uint32_t checksum = Checksum(bytes, header.flags); checksum != header.checksum) {
    return Corrupt("frame: checksum ", checksum, ", header says ", header.checksum);
  }
  Frame frame;
  frame.kind = static_cast<FrameKind>(header.kind);
  frame.verb = header.verb;
  frame.request_id = header.request_id;
  frame.status = static_cast<Code>(header.status);
  frame.body = std::move(buffer);
  return frame;
}

StatusOr<std::size_t> AnnouncedBodyBytes(std::span<const std::byte> header, JobNumber job) {
  if (header.size() != kFrameHeaderBytes) return Corrupt("frame: ", header.size(), " header bytes");
  const Header fields = ReadHeader(header);
  ROOKERY_RETURN_IF_ERROR(CheckPrefix(fields, job));
  return static_cast<std::size_t>(fields.body_bytes);
}

}  // namespace rookery
