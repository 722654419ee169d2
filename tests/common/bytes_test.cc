#include "common/bytes.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

namespace rookery {
namespace {

enum class Kind : std::uint16_t { kPull = 0x0201 };

// 8-byte aligned, as messages are.
struct alignas(8) Room {
  std::array<std::byte, 64> bytes{};
  std::span<std::byte> first(std::size_t count) { return std::span(bytes).first(count); }
};

std::vector<int> Values(std::span<const std::byte> bytes) {
  std::vector<int> values;
  for (const std::byte value : bytes) values.push_back(std::to_integer<int>(value));
  return values;
}

TEST(ByteWriter, GoldenBytes) {
  Room room;
  room.bytes.fill(std::byte{0xff});
  ByteWriter writer(room.first(32));
  writer.Put(Kind::kPull);
  writer.Put(std::int32_t{-2});
  writer.PutString("ab");
  EXPECT_EQ(writer.position(), 12U);
  writer.PutArray<float>(std::array{1.5F});
  EXPECT_EQ(writer.position(), 20U);
  std::span<std::uint64_t> reserved = writer.Reserve<std::uint64_t>(1);
  reserved[0] = 0x0807060504030201U;
  EXPECT_EQ(Values(room.first(32)),
            (std::vector<int>{1, 2, 0xfe, 0xff, 0xff, 0xff, 2, 0, 0, 0, 'a', 'b', 0, 0, 0, 0,
                              0, 0, 0xc0, 0x3f, 0,    0,    0, 0, 1, 2, 3,   4,   5, 6, 7, 8}));
}

TEST(ByteWriterDeathTest, WritingPastTheEndIsABug) {
  Room room;
  ByteWriter writer(room.first(7));
  EXPECT_DEATH(writer.Put(std::uint64_t{1}), "encoder wrote past its size");
  EXPECT_DEATH(writer.PutString("four"), "encoder wrote past its size");
}

TEST(ByteReader, ReadsWhatWasWritten) {
  Room room;
  ByteWriter writer(room.first(64));
  writer.Put(std::uint8_t{200});
  writer.Put(-1.25);
  writer.Put(true);
  writer.PutString("");
  writer.PutString("rook");
  writer.PutArray<std::uint16_t>(std::array<std::uint16_t, 3>{1, 2, 65535});
  writer.PutArray<float>({});
  ByteReader reader(room.first(writer.position()));
  EXPECT_EQ(reader.Get<std::uint8_t>(), 200);
  EXPECT_EQ(reader.Get<double>(), -1.25);
  EXPECT_TRUE(reader.Get<bool>());
  EXPECT_EQ(reader.GetString(0), "");
  EXPECT_EQ(reader.GetString(4), "rook");
  const auto array = reader.GetArray<std::uint16_t>(3);
  EXPECT_EQ((std::vector<std::uint16_t>(array.begin(), array.end())),
            (std::vector<std::uint16_t>{1, 2, 65535}));
  EXPECT_TRUE(reader.GetArray<float>(0).empty());
  EXPECT_TRUE(reader.Finish("message").ok());
}

TEST(ByteReader, AReadPastTheEndFailsForGood) {
  Room room;
  room.bytes.fill(std::byte{1});
  ByteReader reader(room.first(6));
  EXPECT_EQ(reader.Get<std::uint32_t>(), 0x01010101U);
  EXPECT_FALSE(reader.failed());
  EXPECT_EQ(reader.Get<std::uint32_t>(), 0U);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.Get<std::uint8_t>(), 0) << "there are bytes, but nothing after a failure counts";
  EXPECT_TRUE(reader.GetArray<std::uint8_t>(0).empty());
  EXPECT_EQ(reader.Finish("pull").ToString(), "corrupt: pull: ends early, 6 bytes");
}

TEST(ByteReader, LeftoverBytesAreCorrupt) {
  Room room;
  ByteReader reader(room.first(6));
  EXPECT_EQ(reader.Get<std::uint32_t>(), 0U);
  EXPECT_EQ(reader.remaining(), 2U);
  EXPECT_EQ(reader.Finish("pull").ToString(), "corrupt: pull: 2 bytes too many");
}

TEST(ByteReader, HostileCountsOfArrays) {
  Room room;
  constexpr std::size_t kMax = std::numeric_limits<std::size_t>::max();
  for (const std::size_t count : {std::size_t{9}, kMax, kMax / 8 + 1, kMax / 8 + 2, kMax / 2 + 1}) {
    ByteReader reader(room.first(64));
    EXPECT_TRUE(reader.GetArray<std::uint64_t>(count).empty()) << count;
    EXPECT_TRUE(reader.failed()) << count;
  }
  ByteReader exact(room.first(64));
  EXPECT_EQ(exact.GetArray<std::uint64_t>(8).size(), 8U);
  EXPECT_TRUE(exact.Finish("all").ok());
}

TEST(ByteReader, AnArrayNeverStartsUnaligned) {
  Room room;
  ByteReader reader(room.first(7));
  EXPECT_EQ(reader.Get<std::uint32_t>(), 0U);
  EXPECT_TRUE(reader.GetArray<std::uint16_t>(1).empty()) << "its padding ends after byte 7";
  EXPECT_TRUE(reader.failed());
}

TEST(ByteReader, HostileLengthsOfStrings) {
  Room room;
  const auto with_length = [&](std::uint32_t length) {
    std::memcpy(room.bytes.data(), &length, sizeof(length));
    return ByteReader(room.first(10));
  };
  EXPECT_EQ(with_length(6).GetString(6).size(), 6U);
  for (const std::uint32_t length : {7U, 8U, 0xffffffffU}) {
    ByteReader reader = with_length(length);
    EXPECT_EQ(reader.GetString(100), "") << length;
    EXPECT_TRUE(reader.failed()) << length;
  }
  ByteReader reader = with_length(6);
  EXPECT_EQ(reader.GetString(5), "") << "the caller's limit";
  EXPECT_TRUE(reader.failed());
}

TEST(ByteReader, EmptySpan) {
  ByteReader reader({});
  EXPECT_TRUE(reader.Finish("nothing").ok());
  EXPECT_EQ(reader.Get<std::uint8_t>(), 0);
  EXPECT_TRUE(reader.failed());
}

TEST(AlignUp, ToEight) {
  EXPECT_EQ(AlignUp(0), 0U);
  EXPECT_EQ(AlignUp(1), 8U);
  EXPECT_EQ(AlignUp(8), 8U);
  EXPECT_EQ(AlignUp(9), 16U);
}

}  // namespace
}  // namespace rookery
