#include "net/frame.h"

#include <gtest/gtest.h>

#include <cstring>
#include <iomanip>
#include <random>
#include <sstream>

#include "common/limits.h"
#include "tests/net/testing/net_testing.h"

namespace rookery {
namespace {

constexpr JobNumber kJob{0xfedcba9876543210U};

Frame SampleFrame() {
  return {FrameKind::kReply, VerbId{0x0102}, 0x1122334455667788U, Code::kDeadline, BodyOf("abc")};
}

std::string Hex(std::span<const std::byte> bytes) {
  std::ostringstream text;
  for (const std::byte byte : bytes) {
    text << std::hex << std::setw(2) << std::setfill('0') << std::to_integer<int>(byte);
  }
  return std::move(text).str();
}

// What a peer would have received: the same bytes in a buffer of its own.
Buffer Received(std::span<const std::byte> bytes) {
  Buffer buffer(bytes.size() - kFrameHeaderBytes);
  std::memcpy(buffer.frame(kFrameHeaderBytes).data(), bytes.data(), bytes.size());
  return buffer;
}

TEST(Frame, GoldenBytes) {
  Frame frame = SampleFrame();
  const std::string hex = Hex(SealFrame(frame, kJob));
  EXPECT_EQ(hex.substr(0, 40),
            "524b5259"
            "03"
            "01"
            "0201"
            "8877665544332211"
            "0400"
            "0000");
  EXPECT_EQ(hex.substr(40, 8), "1abe53eb");  // low half of XXH3-64, as of version 3
  EXPECT_EQ(hex.substr(48),
            "0300000000000000"
            "1032547698badcfe"
            "616263");
}

TEST(Frame, EmptyBody) {
  Frame frame{FrameKind::kRequest, VerbId{7}, 1, Code::kOk, Buffer(0)};
  const std::span<std::byte> bytes = SealFrame(frame, kJob);
  EXPECT_EQ(bytes.size(), kFrameHeaderBytes);
  const StatusOr<Frame> opened = OpenFrame(Received(bytes), kJob);
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  EXPECT_EQ(opened->verb, VerbId{7});
  EXPECT_EQ(opened->body.size(), 0U);
}

TEST(Frame, RoundTrip) {
  Frame frame = SampleFrame();
  const StatusOr<Frame> opened = OpenFrame(Received(SealFrame(frame, kJob)), kJob);
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  EXPECT_EQ(opened->kind, FrameKind::kReply);
  EXPECT_EQ(opened->verb, VerbId{0x0102});
  EXPECT_EQ(opened->request_id, 0x1122334455667788U);
  EXPECT_EQ(opened->status, Code::kDeadline);
  EXPECT_EQ(TextOf(opened->body), "abc");
}

TEST(Frame, EveryFlippedBitIsRefused) {
  Frame frame = SampleFrame();
  const std::span<std::byte> bytes = SealFrame(frame, kJob);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    Buffer buffer = Received(bytes);
    buffer.frame(kFrameHeaderBytes)[bit / 8] ^= std::byte{1} << (bit % 8);
    const StatusOr<Frame> opened = OpenFrame(std::move(buffer), kJob);
    ASSERT_FALSE(opened.ok()) << "bit " << bit;
    EXPECT_EQ(opened.status().code(), Code::kCorrupt) << "bit " << bit;
  }
}

TEST(Frame, HeaderAloneIsCheckedWhenTheSenderSaysSo) {
  Frame frame = SampleFrame();
  const std::span<std::byte> bytes = SealFrame(frame, kJob, FrameCheck::kHeader);
  for (std::size_t bit = 0; bit < kFrameHeaderBytes * 8; ++bit) {
    Buffer buffer = Received(bytes);
    buffer.frame(kFrameHeaderBytes)[bit / 8] ^= std::byte{1} << (bit % 8);
    ASSERT_FALSE(OpenFrame(std::move(buffer), kJob).ok()) << "bit " << bit;
  }
  Buffer buffer = Received(bytes);
  buffer.body()[0] ^= std::byte{1};
  const StatusOr<Frame> opened = OpenFrame(std::move(buffer), kJob);
  ASSERT_TRUE(opened.ok()) << opened.status().ToString();
  EXPECT_EQ(TextOf(opened->body), "`bc");
}

TEST(Frame, AnotherJobIsRefused) {
  Frame frame = SampleFrame();
  const std::span<std::byte> bytes = SealFrame(frame, JobNumber{7});
  const std::string why = "frame: of job 7, this rank is of job 18364758544493064720";
  EXPECT_EQ(OpenFrame(Received(bytes), kJob).status().message(), why);
  EXPECT_EQ(AnnouncedBodyBytes(bytes.first(kFrameHeaderBytes), kJob).status().message(), why);
}

TEST(Frame, WrongLengthIsRefused) {
  Frame frame = SampleFrame();
  const std::span<std::byte> bytes = SealFrame(frame, kJob);
  const StatusOr<Frame> opened = OpenFrame(Received(bytes.first(bytes.size() - 1)), kJob);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.status().message(), "frame: header says 3 body bytes, received 2");
  EXPECT_FALSE(OpenFrame(Buffer(), kJob).ok());
}

TEST(Frame, RandomBytesAreRefused) {
  constexpr unsigned kSeed = 17;
  SCOPED_TRACE(StrCat("seed ", kSeed));
  std::mt19937 random(kSeed);
  for (int round = 0; round < 1000; ++round) {
    Buffer buffer(random() % 64);
    for (std::byte& byte : buffer.frame(kFrameHeaderBytes)) byte = std::byte(random() & 0xffU);
    if (round % 2 == 0) {  // past the first two checks
      std::memcpy(buffer.frame(kFrameHeaderBytes).data(), "RKRY\x03", 5);
    }
    EXPECT_FALSE(OpenFrame(std::move(buffer), kJob).ok());
  }
}

TEST(AnnouncedBodyBytes, ChecksBeforeAnythingIsAllocated) {
  Frame frame = SampleFrame();
  const std::span<std::byte> header = SealFrame(frame, kJob).first(kFrameHeaderBytes);
  const StatusOr<std::size_t> bytes = AnnouncedBodyBytes(header, kJob);
  ASSERT_TRUE(bytes.ok());
  EXPECT_EQ(*bytes, 3U);

  const std::uint64_t too_many = kMessageBytesMax + 1;
  std::memcpy(&header[24], &too_many, sizeof(too_many));
  EXPECT_EQ(AnnouncedBodyBytes(header, kJob).status().message(),
            "frame: body of 1073741825 bytes, at most 1073741824");
  header[4] = std::byte{1};
  EXPECT_EQ(AnnouncedBodyBytes(header, kJob).status().message(),
            "frame: version 1, this program speaks version 3");
  header[0] = std::byte{0};
  EXPECT_EQ(AnnouncedBodyBytes(header, kJob).status().code(), Code::kCorrupt);
  EXPECT_FALSE(AnnouncedBodyBytes(header.first(39), kJob).ok());
}

}  // namespace
}  // namespace rookery
