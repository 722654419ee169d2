#include "io/record_file.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "io/memory_file_system.h"

namespace rookery {
namespace {

constexpr RecordFormat kFormat{.version = 3, .kind = 7};

std::span<const std::byte> Bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}
std::string Text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Two blocks, "first" at byte 16 and "" at byte 37, and the index block "i" at byte 53.
FileDigest WriteThreeBlocks(MemoryFileSystem& files, const std::string& path) {
  auto writer = RecordWriter::Create(files, path, kFormat);
  EXPECT_EQ(*(*writer)->AppendBlock(Bytes("first")), 16U);
  EXPECT_EQ(*(*writer)->AppendBlock({}), 37U);
  EXPECT_EQ(*(*writer)->AppendBlock(Bytes("i")), 53U);
  EXPECT_TRUE((*writer)->Finish().ok());
  return (*writer)->digest();
}

Status ReadAll(MemoryFileSystem& files, const std::string& path) {
  ROOKERY_ASSIGN_OR_RETURN(const auto reader, RecordReader::Open(files, path, kFormat));
  for (const std::uint64_t offset : {16, 37, 53}) {
    ROOKERY_RETURN_IF_ERROR(reader->ReadBlockAt(offset, 100).status());
  }
  return OkStatus();
}

TEST(RecordFile, PiecesMakeTheBlockThatTheirSumMakes) {
  const std::string large(40'000, 'l');
  MemoryFileSystem files;
  std::array<FileDigest, 2> digests;
  for (const bool pieces : {false, true}) {
    auto writer = RecordWriter::Create(files, pieces ? "p" : "w", {1, 2});
    ASSERT_TRUE(writer.ok());
    for (const auto& [first, middle, last] :
         {std::array<std::string, 3>{"a", "", "b"}, {"", "", ""}, {"h", large, "t"}}) {
      const std::array<std::span<const std::byte>, 3> parts{Bytes(first), Bytes(middle),
                                                            Bytes(last)};
      const auto offset = pieces ? (*writer)->AppendPieces(parts)
                                 : (*writer)->AppendBlock(Bytes(first + middle + last));
      ASSERT_TRUE(offset.ok());
    }
    digests[pieces ? 1 : 0] = (*writer)->digest();
    ASSERT_TRUE((*writer)->Finish().ok());
  }
  EXPECT_EQ(digests[0], digests[1]);
  EXPECT_EQ(*ReadWholeFile(files, "p", 100'000), *ReadWholeFile(files, "w", 100'000));
}

TEST(RecordFile, ReturnsBlocksByOffset) {
  MemoryFileSystem files;
  WriteThreeBlocks(files, "f");
  auto reader = RecordReader::Open(files, "f", kFormat);
  ASSERT_TRUE(reader.ok()) << reader.status().ToString();
  EXPECT_EQ((*reader)->size(), 70U);
  EXPECT_EQ(Text(*(*reader)->ReadBlockAt(53, 1)), "i");
  EXPECT_EQ(Text(*(*reader)->ReadBlockAt(16, 5)), "first");
  EXPECT_EQ(Text(*(*reader)->ReadBlockAt(37, 0)), "");
}

TEST(RecordFile, GoldenBytes) {
  MemoryFileSystem files;
  auto writer = RecordWriter::Create(files, "f", kFormat);
  ASSERT_TRUE((*writer)->AppendBlock({}).ok());
  const std::string content = *ReadWholeFile(files, "f", 1000);
  const std::string_view expected(
      "ROOKREC1"
      "\x03\0\0\0\x07\0\0\0"
      "\0\0\0\0\0\0\0\0"
      "\xc2\x94\xd3\x38\x05\x80\x06\x2d",  // XXH3-64 of nothing, 0x2d06800538d394c2
      32);
  EXPECT_EQ(content, expected);
}

TEST(RecordFile, DigestIsThatOfTheWholeFile) {
  MemoryFileSystem files;
  const FileDigest digest = WriteThreeBlocks(files, "f");
  EXPECT_EQ(digest.bytes, 70U);
  EXPECT_EQ(digest, *HashWholeFile(files, "f"));
  EXPECT_EQ(digest.hash, HashText(*ReadWholeFile(files, "f", 1000)));
  ASSERT_TRUE(files.FlipBit("f", 1).ok());
  EXPECT_NE(digest.hash, HashWholeFile(files, "f")->hash);
  const std::string large(3'000'001, 'x');
  ASSERT_TRUE(WriteFileAtomically(files, "large", large).ok());
  EXPECT_EQ(*HashWholeFile(files, "large"), (FileDigest{large.size(), HashText(large)}));
  EXPECT_EQ(HashWholeFile(files, "absent").status().code(), Code::kNotFound);
}

TEST(RecordFile, FinishSurvivesACrash) {
  MemoryFileSystem files;
  WriteThreeBlocks(files, "f");
  ASSERT_TRUE(files.SyncDirectory(".").ok());
  files.Crash();
  EXPECT_TRUE(ReadAll(files, "f").ok());
}

TEST(RecordFile, EveryFlippedBitIsNoticedAndSaysWhere) {
  MemoryFileSystem files;
  WriteThreeBlocks(files, "f");
  for (std::uint64_t bit = 0; bit < 70 * 8; ++bit) {
    ASSERT_TRUE(files.FlipBit("f", bit).ok());
    const Status status = ReadAll(files, "f");
    EXPECT_EQ(status.code(), Code::kCorrupt) << bit;
    EXPECT_EQ(status.message().find("f: byte "), 0U) << status.message();
    ASSERT_TRUE(files.FlipBit("f", bit).ok());
  }
  EXPECT_TRUE(ReadAll(files, "f").ok());
}

TEST(RecordFile, EveryTruncationIsNoticed) {
  MemoryFileSystem files;
  WriteThreeBlocks(files, "f");
  const std::string content = *ReadWholeFile(files, "f", 1000);
  for (std::size_t size = 0; size < content.size(); ++size) {
    ASSERT_TRUE(WriteFileAtomically(files, "g", content.substr(0, size)).ok());
    EXPECT_EQ(ReadAll(files, "g").code(), Code::kCorrupt) << size;
  }
}

TEST(RecordFile, MessagesSayWhatIsWrong) {
  MemoryFileSystem files;
  WriteThreeBlocks(files, "f");
  const auto open = [&](RecordFormat format) {
    return RecordReader::Open(files, "f", format).status().message();
  };
  EXPECT_EQ(open({.version = 4, .kind = 7}), "f: byte 8: version 3, this program reads version 4");
  EXPECT_EQ(open({.version = 3, .kind = 6}), "f: byte 12: a file of kind 7 where kind 6 is due");
  const auto reader = RecordReader::Open(files, "f", kFormat);
  const auto read = [&](std::uint64_t offset, std::uint64_t bytes_max) {
    return (*reader)->ReadBlockAt(offset, bytes_max).status().ToString();
  };
  EXPECT_EQ(read(16, 4), "exhausted: f: byte 16: a block of 5 bytes, more than the limit of 4");
  for (const std::uint64_t offset : {std::uint64_t{0}, std::uint64_t{15}, std::uint64_t{55},
                                     std::uint64_t{71}, ~std::uint64_t{0}}) {
    EXPECT_EQ(read(offset, 100), StrCat("corrupt: f: byte ", offset,
                                        ": no block can begin here, the file has 70 bytes"));
  }
  EXPECT_EQ(RecordReader::Open(files, "absent", kFormat).status().code(), Code::kNotFound);
  ASSERT_TRUE(WriteFileAtomically(files, "text", "this is another file").ok());
  EXPECT_EQ(RecordReader::Open(files, "text", kFormat).status().message(),
            "text: byte 0: no record file, it does not begin with ROOKREC1");
}

TEST(RecordFile, AHugeLengthIsRefusedBeforeAllocation) {
  MemoryFileSystem files;
  WriteThreeBlocks(files, "f");
  ASSERT_TRUE(files.FlipBit("f", 16 * 8 + 63).ok());
  const auto reader = RecordReader::Open(files, "f", kFormat);
  EXPECT_EQ((*reader)->ReadBlockAt(16, ~std::uint64_t{0}).status().message(),
            "f: byte 16: a block of 9223372036854775813 bytes where 38 are left in the file");
}

TEST(RecordFile, AnyFailingCallFailsTheWriterForGood) {
  for (std::uint64_t call = 1; call <= 7; ++call) {
    MemoryFileSystem files;
    files.FailAt(call);
    auto writer = RecordWriter::Create(files, "f", kFormat);
    if (!writer.ok()) {
      EXPECT_LE(call, 2U);
      continue;
    }
    bool ok = true;
    for (const char* block : {"a", "b"}) ok = (*writer)->AppendBlock(Bytes(block)).ok() && ok;
    ok = (*writer)->Finish().ok() && ok;
    EXPECT_EQ(ok, call == 7U) << call;  // one call a small block
    EXPECT_EQ((*writer)->Finish().code(), Code::kIo);
  }
}

}  // namespace
}  // namespace rookery
