#include "ps/rows_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "common/bytes.h"
#include "common/hash.h"
#include "io/memory_file_system.h"
#include "io/record_file.h"
#include "protocol/checkpoint_manifest.h"

namespace rookery {
namespace {

constexpr std::uint32_t kBuckets = 16;

TEST(RowsFile, RowsFileBytesStayWhatTheyAre) {
  MemoryFileSystem files;
  auto writer = RowsFileWriter::Create(files, "x.rows", {2, 1});
  ASSERT_TRUE(writer.ok());
  const Key key = 0x0102030405060708U;
  const std::uint32_t bucket = Raw(BucketOf(key, 2));
  ASSERT_TRUE((*writer)->AddBucket(bucket, {{key}, {1.0F}}).ok());
  const auto digest = (*writer)->Finish();
  ASSERT_TRUE(digest.ok());
  const std::string bytes = *ReadWholeFile(files, "x.rows", 1000);
  EXPECT_EQ(bytes.size(), 16U + (16 + 28) + (16 + 16 + 24) + (16 + 16));
  EXPECT_EQ(digest->hash, HashText(bytes));
  EXPECT_EQ(bytes.substr(0, 8), "ROOKREC1");
  ByteReader block(std::as_bytes(std::span(bytes)).subspan(16));
  EXPECT_EQ(block.Get<std::uint64_t>(), 28U);
  EXPECT_EQ(block.Get<std::uint64_t>(), HashText(std::string_view(bytes).substr(32, 28)));
  EXPECT_EQ(block.Get<std::uint32_t>(), bucket);
  EXPECT_EQ(block.Get<std::uint32_t>(), 1U);
  EXPECT_EQ(block.Get<std::uint32_t>(), 1U);
  EXPECT_EQ(block.Get<std::uint32_t>(), 0U);
  EXPECT_EQ(block.Get<Key>(), key);
  EXPECT_EQ(block.Get<float>(), 1.0F);
  EXPECT_EQ(digest->hash, 15009998639141397449U);
}

// Of what few updates left alone, all floats are the same.
TEST(RowsFile, ACompressedFileHasTheSameRowsInFewerBytes) {
  constexpr std::size_t kFloats = 7;
  BucketRows rows;
  for (Key key = 0; rows.keys.size() < 5000; ++key) {
    if (Raw(BucketOf(key, 2)) == 1) rows.keys.push_back(key);
  }
  std::ranges::sort(rows.keys, {}, MixKey);
  rows.rows.assign(rows.keys.size() * kFloats, 0.25F);
  std::array<std::uint64_t, 2> bytes{};
  for (const auto compression : {RowsCompression::kNone, RowsCompression::kWhereItHelps}) {
    MemoryFileSystem files;
    auto writer = RowsFileWriter::Create(files, "x.rows", {2, kFloats}, compression);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->AddBucket(1, rows).ok());
    bytes[static_cast<std::size_t>(compression)] = (*writer)->Finish()->bytes;
    const auto reader = RowsFileReader::Open(files, "x.rows", {2, kFloats});
    ASSERT_TRUE(reader.ok());
    BucketRows read;
    ASSERT_TRUE((*reader)->ReadBucket((*reader)->entries()[0], &read).ok());
    EXPECT_EQ(read.keys, rows.keys);
    EXPECT_EQ(read.rows, rows.rows);
  }
  EXPECT_GT(bytes[0], rows.rows.size() * sizeof(float));
  EXPECT_LT(bytes[1], bytes[0] / 2);
}

// 2^30 rows of 32 bytes in a block of 60: nobody has that much memory, so it must not be asked for.
TEST(RowsFile, AFewCompressedBytesAreNotBelievedToHoldManyRows) {
  MemoryFileSystem files;
  auto writer = RecordWriter::Create(files, "x.rows", {kCheckpointRecordVersion, kRowsKind});
  ASSERT_TRUE(writer.ok());
  constexpr std::uint32_t kRows = 1U << 30U;
  std::vector<std::byte> block(60);
  ByteWriter bucket(block);
  for (const std::uint32_t field : {3U, kRows, 6U, 1U}) bucket.Put(field);
  ASSERT_TRUE((*writer)->AppendBlock(block).ok());
  std::vector<std::byte> index(16 + 24);
  ByteWriter fields(index);
  for (const std::uint32_t field : {kBuckets, 6U, 1U, 0U, 3U, kRows}) fields.Put(field);
  fields.Put(std::uint64_t{16});
  fields.Put(std::uint64_t{block.size()});
  const auto offset = (*writer)->AppendBlock(index);
  ASSERT_TRUE(offset.ok());
  std::vector<std::byte> trailer(16);
  ByteWriter end(trailer);
  end.Put(*offset);
  end.Put(std::uint64_t{kRows});
  ASSERT_TRUE((*writer)->AppendBlock(trailer).ok());
  ASSERT_TRUE((*writer)->Finish().ok());
  const auto reader = RowsFileReader::Open(files, "x.rows", {kBuckets, 6});
  ASSERT_TRUE(reader.ok()) << reader.status().ToString();
  BucketRows rows;
  const Status status = (*reader)->ReadBucket((*reader)->entries()[0], &rows);
  EXPECT_EQ(status.code(), Code::kCorrupt);
  EXPECT_EQ(status.message(), "x.rows: bucket 3: 44 bytes cannot hold its 1073741824 rows");
}

TEST(RowsFile, AHostileFileIsRefusedBeforeItIsBelieved) {
  const RecordFormat format{kCheckpointRecordVersion, kRowsKind};
  struct Case {
    std::uint64_t index_offset;
    std::uint32_t entries;
    std::uint64_t rows;
  };
  for (const Case& item : {Case{16, 0xffffffffU, 0}, Case{UINT64_MAX, 0, 0}, Case{16, 0, 5}}) {
    MemoryFileSystem files;
    auto writer = RecordWriter::Create(files, "x.rows", format);
    ASSERT_TRUE(writer.ok());
    std::vector<std::byte> index(16);
    ByteWriter fields(index);
    fields.Put(kBuckets);
    fields.Put(std::uint32_t{6});
    fields.Put(item.entries);
    fields.Put(std::uint32_t{0});
    ASSERT_TRUE((*writer)->AppendBlock(index).ok());
    ByteWriter trailer(index);
    trailer.Put(item.index_offset);
    trailer.Put(item.rows);
    ASSERT_TRUE((*writer)->AppendBlock(index).ok());
    ASSERT_TRUE((*writer)->Finish().ok());
    const auto reader = RowsFileReader::Open(files, "x.rows", {kBuckets, 6});
    EXPECT_EQ(reader.status().code(), Code::kCorrupt);
    EXPECT_TRUE(reader.status().message().starts_with("x.rows: ")) << reader.status().ToString();
  }
}

}  // namespace
}  // namespace rookery
