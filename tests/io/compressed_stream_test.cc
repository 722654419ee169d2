#include "io/compressed_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/random.h"
#include "io/compressed_input.h"
#include "io/gzip_stream.h"
#include "io/memory_file_system.h"
#include "io/zstd_stream.h"

namespace rookery {
namespace {

std::span<const std::byte> Bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

StatusOr<std::string> Drain(SequentialFile& file, std::size_t room_bytes) {
  std::string content;
  std::string room(room_bytes, '\0');
  while (true) {
    auto count = file.Read(std::as_writable_bytes(std::span(room)));
    if (!count.ok()) {
      EXPECT_EQ(file.Read(std::as_writable_bytes(std::span(room))).status().message(),
                count.status().message())
          << "an error stays";
      return count.status();
    }
    if (*count == 0) return content;
    content.append(room, 0, *count);
  }
}

// Gives at most `piece` bytes at a time.
class Drip final : public SequentialFile {
 public:
  Drip(std::string content, std::size_t piece) : content_(std::move(content)), piece_(piece) {}
  StatusOr<std::size_t> Read(std::span<std::byte> bytes) override {
    const std::size_t count = std::min({bytes.size(), piece_, content_.size() - position_});
    std::copy_n(Bytes(content_).begin() + static_cast<std::ptrdiff_t>(position_), count,
                bytes.begin());
    position_ += count;
    return count;
  }

 private:
  std::string content_;
  std::size_t piece_;
  std::size_t position_ = 0;
};

// Half of it repeats, half does not.
std::string SomeText(std::size_t bytes) {
  Random random(1, Purpose::kTest);
  std::string text;
  while (text.size() < bytes) text += StrCat("click,", random.Next(), "\n");
  text.resize(bytes);
  return text;
}

struct Format {
  Compression compression;
  const char* name;
  StatusOr<std::unique_ptr<SequentialFile>> (*read)(CompressedInput input);
};

class Compressed : public testing::TestWithParam<Format> {
 protected:
  std::string Compress(std::string_view content) {
    auto file = CreateCompressed(files_, "c", GetParam().compression);
    EXPECT_TRUE((*file)->Append(Bytes(content)).ok());
    EXPECT_TRUE((*file)->Close().ok());
    return *ReadWholeFile(files_, "c", 1 << 26);
  }
  StatusOr<std::string> Decompress(std::string compressed, std::size_t piece = 1 << 20,
                                   std::size_t room_bytes = 1 << 20) {
    auto reader = GetParam().read(
        CompressedInput(std::make_unique<Drip>(std::move(compressed), piece), "file", {}));
    if (!reader.ok()) return reader.status();
    return Drain(**reader, room_bytes);
  }

  MemoryFileSystem files_;
};

TEST_P(Compressed, ReturnsWhatWasWrittenInPiecesOfAnySize) {
  const std::string content = SomeText(3000);
  const std::string compressed = Compress(content);
  EXPECT_LT(compressed.size(), content.size());
  for (const std::size_t piece : {1, 2, 7, 1000000}) {
    for (const std::size_t room : {1, 13, 1000000}) {
      EXPECT_EQ(*Decompress(compressed, piece, room), content) << piece << " " << room;
    }
  }
}

TEST_P(Compressed, LargerThanAllBuffers) {
  const std::string content = SomeText(5'000'000);
  EXPECT_EQ(*Decompress(Compress(content), 100'000, 70'000), content);
  const std::string zeros(20'000'000, '\0');
  EXPECT_EQ(*Decompress(Compress(zeros), 100, 70'000), zeros);
}

TEST_P(Compressed, MembersAreOneStream) {
  const std::string two = Compress("one ") + Compress("") + Compress("two");
  EXPECT_EQ(*Decompress(two), "one two");
  EXPECT_EQ(*Decompress(two, 1, 1), "one two");
  EXPECT_EQ(*Decompress(Compress("")), "");
}

TEST_P(Compressed, CutAnywhereIsCorruptAndSaysWhere) {
  const std::string one = Compress("the first member\n");
  const std::string both = one + Compress("the second");
  for (std::size_t size = 1; size < both.size(); ++size) {
    const auto content = Decompress(both.substr(0, size));
    if (size == one.size()) {
      EXPECT_EQ(*content, "the first member\n");
      continue;
    }
    ASSERT_FALSE(content.ok()) << size;
    EXPECT_EQ(content.status().code(), Code::kCorrupt);
    EXPECT_EQ(content.status().message(),
              StrCat("file: byte ", size, " of the compressed file: ", GetParam().name,
                     " stream ends inside a ",
                     GetParam().compression == Compression::kGzip ? "member" : "frame",
                     "; the file was cut short"));
  }
}

TEST_P(Compressed, AFlippedBitNeverGivesOtherContent) {
  const std::string content = SomeText(300);
  const std::string compressed = Compress(content);
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < compressed.size() * 8; ++bit) {
    std::string damaged = compressed;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto read = Decompress(damaged);
    if (read.ok()) {
      EXPECT_EQ(*read, content) << "bit " << bit;
    } else {
      EXPECT_EQ(read.status().code(), Code::kCorrupt);
      EXPECT_EQ(read.status().message().find("file: byte "), 0U) << read.status().message();
      ++refused;
    }
  }
  EXPECT_GT(refused, compressed.size() * 8 * 2 / 3) << "only header fields are free to differ";
}

TEST_P(Compressed, OtherBytesAfterTheEndAreRefused) {
  const auto content = Decompress(Compress("text") + "garbage");
  ASSERT_FALSE(content.ok());
  EXPECT_NE(content.status().message().find("stream is damaged"), std::string::npos);
}

TEST_P(Compressed, IsDetectedByItsFirstBytes) {
  EXPECT_FALSE(Compress("text").empty());
  ASSERT_TRUE(files_.Rename("c", "misnamed.csv").ok());
  EXPECT_EQ(*DetectCompression(files_, "misnamed.csv"), GetParam().compression);
  auto file = OpenDecompressed(files_, "misnamed.csv");
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(*Drain(**file, 3), "text");
}

TEST_P(Compressed, SyncMakesBytesReadableAndAMissingCloseIsNoticed) {
  {
    auto file = CreateCompressed(files_, "c", GetParam().compression);
    ASSERT_TRUE((*file)->Append(Bytes("before the sync")).ok());
    ASSERT_TRUE((*file)->Sync().ok());
    ASSERT_TRUE(files_.SyncDirectory(".").ok());
    ASSERT_TRUE((*file)->Append(Bytes("after")).ok());
  }
  files_.Crash();
  auto file = OpenDecompressed(files_, "c");
  std::string room(100, '\0');
  EXPECT_EQ(*(*file)->Read(std::as_writable_bytes(std::span(room))), 15U);
  EXPECT_EQ((*file)->Read(std::as_writable_bytes(std::span(room))).status().code(), Code::kCorrupt);
}

TEST_P(Compressed, AFailingDiskIsReported) {
  const std::string content = SomeText(2'000'000);
  for (std::uint64_t call = 1;; ++call) {
    ASSERT_LT(call, 100U);
    files_.FailAt(call);
    auto file = CreateCompressed(files_, "c", GetParam().compression);
    Status status = file.status();
    if (status.ok()) status = (*file)->Append(Bytes(content));
    if (status.ok()) status = (*file)->Sync();
    if (status.ok()) status = (*file)->Close();
    if (status.ok()) break;
    EXPECT_EQ(status.code(), Code::kIo);
  }
  files_.FailAt(1000);
  EXPECT_EQ(*Decompress(*ReadWholeFile(files_, "c", 1 << 26)), content);
}

INSTANTIATE_TEST_SUITE_P(All, Compressed,
                         testing::Values(Format{Compression::kGzip, "gzip", ReadGzip},
                                         Format{Compression::kZstd, "zstd", ReadZstd}),
                         [](const auto& info) { return std::string(info.param.name); });

// What another program wrote.
TEST(Gzip, ReadsForeignBytesAndZeroPadding) {
  const std::string member(
      "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x2b\xca\xcf\xcf\xe6\x02\x00\x88\x74\x22\x03\x05\x00"
      "\x00\x00",
      25);
  MemoryFileSystem files;
  const std::string padded = member + std::string(1000, '\0');
  ASSERT_TRUE(WriteFileAtomically(files, "a", padded).ok());
  EXPECT_EQ(*Drain(**OpenDecompressed(files, "a"), 100), "rook\n");
  ASSERT_TRUE(WriteFileAtomically(files, "a", padded + "x").ok());
  EXPECT_EQ(Drain(**OpenDecompressed(files, "a"), 100).status().message(),
            "a: byte 1025 of the compressed file: bytes that are no gzip after the last member");
}

TEST(Zstd, ASkippableFrameMayComeFirst) {
  MemoryFileSystem files;
  auto file = CreateCompressed(files, "a", Compression::kZstd);
  ASSERT_TRUE((*file)->Append(Bytes("rows")).ok());
  ASSERT_TRUE((*file)->Close().ok());
  const std::string skippable("\x53\x2a\x4d\x18\x02\x00\x00\x00zz", 10);
  ASSERT_TRUE(WriteFileAtomically(files, "b", skippable + *ReadWholeFile(files, "a", 1000)).ok());
  EXPECT_EQ(*Drain(**OpenDecompressed(files, "b"), 100), "rows");
}

TEST(Plain, PassesThrough) {
  MemoryFileSystem files;
  for (const std::string content : {"", "a", "abc", "\x1f", "a longer text"}) {
    auto file = CreateCompressed(files, "a", Compression::kNone);
    ASSERT_TRUE((*file)->Append(Bytes(content)).ok());
    ASSERT_TRUE((*file)->Close().ok());
    EXPECT_EQ(*DetectCompression(files, "a"), Compression::kNone);
    for (const std::size_t room : {1, 3, 100}) {
      EXPECT_EQ(*Drain(**OpenDecompressed(files, "a"), room), content);
    }
  }
  EXPECT_EQ(OpenDecompressed(files, "absent").status().code(), Code::kNotFound);
  EXPECT_EQ(DetectCompression(files, "absent").status().code(), Code::kNotFound);
}

TEST(CompressionOfName, ByItsEnding) {
  EXPECT_EQ(CompressionOfName("a/b.csv.gz"), Compression::kGzip);
  EXPECT_EQ(CompressionOfName("b.zst"), Compression::kZstd);
  EXPECT_EQ(CompressionOfName("gz"), Compression::kNone);
}

}  // namespace
}  // namespace rookery
