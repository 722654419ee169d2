// Nothing of a damaged, incomplete or foreign checkpoint is used, and the error names the file.

#include <gtest/gtest.h>

#include <limits>

#include "io/memory_file_system.h"
#include "tests/ps/testing/checkpoint_sample.h"

namespace rookery {
namespace {

using namespace testing;  // NOLINT: the sample is all of it

TEST(Checkpoint, EveryFlippedByteIsRefusedWithTheNameOfTheFile) {
  MemoryFileSystem files;
  const CheckpointManifest manifest = Write(files, 2, 6);
  ASSERT_TRUE(ReadAll(files).ok());
  std::vector<std::string> names = {std::string(kManifestName)};
  for (const CheckpointFile& file : manifest.files) names.push_back(file.name);
  Random random(kSeed, Purpose::kTest, 1);
  for (const std::string& name : names) {
    const std::string path = JoinPath(kDirectory, name);
    const std::uint64_t bytes = *files.FileSize(path);
    for (std::uint64_t byte = 0; byte < bytes; ++byte) {
      const std::uint64_t bit = byte * 8 + random.NextBelow(8);
      ASSERT_TRUE(files.FlipBit(path, bit).ok());
      const Status read = ReadAll(files);
      EXPECT_FALSE(read.ok()) << path << " bit " << bit;
      EXPECT_TRUE(read.message().starts_with(path)) << read.ToString();
      const Status verified = VerifyAll(files);
      EXPECT_TRUE(verified.message().starts_with(path)) << verified.ToString();
      ASSERT_TRUE(files.FlipBit(path, bit).ok());
    }
  }
  EXPECT_TRUE(ReadAll(files).ok());
}

void Overwrite(FileSystem& files, const std::string& path, std::string_view content) {
  auto file = files.Create(path);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->Append(std::as_bytes(std::span(content))).ok());
  ASSERT_TRUE((*file)->Close().ok());
}

TEST(Checkpoint, EveryTruncationIsRefusedWithTheNameOfTheFile) {
  MemoryFileSystem files;
  CheckpointManifest manifest = Write(files, 2, 6);
  for (CheckpointFile& file : manifest.files) {
    const std::string path = JoinPath(kDirectory, file.name);
    const std::string whole = *ReadWholeFile(files, path, 1 << 20);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      Overwrite(files, path, whole.substr(0, size));
      const Status read = ReadAll(files);
      EXPECT_TRUE(read.message().starts_with(path)) << size << ": " << read.ToString();
      if (size % 16 != 0) continue;
      // Even when the manifest agrees with the short file.
      CheckpointManifest agreeing = manifest;
      for (CheckpointFile& entry : agreeing.files) {
        if (entry.name == file.name) entry.bytes = size;
      }
      WriteManifest(files, agreeing);
      const Status agreed = ReadAll(files);
      EXPECT_TRUE(agreed.message().starts_with(path)) << size << ": " << agreed.ToString();
      WriteManifest(files, manifest);
    }
    Overwrite(files, path, whole);
  }
}

TEST(Checkpoint, AMissingFileIsNamed) {
  for (const bool manifest_too : {false, true}) {
    MemoryFileSystem files;
    Write(files, 2, 6);
    const std::string name = manifest_too ? std::string(kManifestName) : RowsFileName("item", 1);
    const std::string path = JoinPath(kDirectory, name);
    ASSERT_TRUE(files.Remove(path).ok());
    const auto reader = CheckpointReader::Open(&files, kDirectory);
    EXPECT_EQ(reader.status().code(), Code::kCorrupt);
    EXPECT_TRUE(reader.status().message().starts_with(path + ": is missing"))
        << reader.status().ToString();
  }
}

TEST(Checkpoint, AStaleManifestIsRefused) {
  MemoryFileSystem files;
  const CheckpointManifest stale = Write(files, 1, 6);
  Write(files, 1, 7);
  WriteManifest(files, stale);
  const auto reader = CheckpointReader::Open(&files, kDirectory);
  EXPECT_NE(reader.status().message().find("bytes where MANIFEST.json says"), std::string::npos)
      << reader.status().ToString();
}

TEST(Checkpoint, AnotherFormatVersionIsRefused) {
  MemoryFileSystem files;
  CheckpointManifest manifest = Write(files, 1, 6);
  manifest.format_version = 9;
  WriteManifest(files, manifest);
  EXPECT_EQ(CheckpointReader::Open(&files, kDirectory).status().message(),
            JoinPath(kDirectory, kManifestName) +
                ": format version 9, this program reads versions 1 to 3");
}

TEST(Checkpoint, ATableOfAnotherShapeIsRefused) {
  MemoryFileSystem files;
  CheckpointManifest manifest = Write(files, 1, 6);
  manifest.tables[0].dim = 4;
  WriteManifest(files, manifest);
  const auto reader = CheckpointReader::Open(&files, kDirectory);
  ASSERT_TRUE(reader.ok());
  const auto table = MakeTable(manifest.tables[0], 0, 1);
  EXPECT_NE(LoadTable(**reader, table.get()).message().find("16 buckets and 6 floats a row"),
            std::string::npos);
}

TEST(Checkpoint, NumbersThatAreNoneAreRefused) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(),
                          std::numeric_limits<float>::infinity(), -1.1e30F}) {
    for (const std::size_t place : {std::size_t{1}, std::size_t{4}}) {
      MemoryFileSystem files;
      ASSERT_TRUE(files.MakeDirectory(kDirectory).ok());
      const TableSpec spec = Specs()[0];
      const auto table = MakeTable(spec, 0, 1);
      std::vector<float> row(table->row_floats(), 1e30F);
      row[place] = bad;
      ASSERT_TRUE(table->InsertRow(77, row).ok());
      CheckpointManifest manifest;
      manifest.buckets = kBuckets;
      manifest.tables = {spec};
      manifest.files.push_back(*WriteRows(files, kDirectory, table.get(), 0, kBuckets));
      WriteManifest(files, manifest);
      const auto reader = CheckpointReader::Open(&files, kDirectory);
      ASSERT_TRUE(reader.ok());
      const auto target = MakeTable(spec, 0, 1);
      const Status status = LoadTable(**reader, target.get());
      EXPECT_NE(status.message().find(StrCat("rows: table \"user\" key 77: ",
                                             place == 1 ? "weight 1 is " : "state 1 is ")),
                std::string::npos)
          << status.ToString();
      EXPECT_EQ(target->rows(), 0U);
    }
  }
}

TEST(Checkpoint, ADenseNanIsRefused) {
  MemoryFileSystem files;
  CheckpointManifest manifest = Write(files, 1, 1);
  DenseState dense = SampleDense();
  dense.state[3] = std::numeric_limits<float>::quiet_NaN();
  for (CheckpointFile& entry : manifest.files) {
    if (entry.name == kDenseName) entry = *WriteDense(files, kDirectory, dense);
  }
  WriteManifest(files, manifest);
  const auto reader = CheckpointReader::Open(&files, kDirectory);
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ((*reader)->ReadDense().status().message(),
            JoinPath(kDirectory, kDenseName) + ": state 3 is nan");
}

TEST(Checkpoint, ABucketInTwoFilesIsRefused) {
  MemoryFileSystem files;
  CheckpointManifest manifest = Write(files, 1, 30);
  const TableSpec spec = manifest.tables[0];
  const auto table = MakeTable(spec, 0, 1);
  const auto sample = SampleRows(30);
  for (const auto& [key, row] : sample.at("user")) {
    ASSERT_TRUE(table->InsertRow(key, row).ok());
  }
  manifest.shards = 2;
  manifest.files.push_back(*WriteRows(files, kDirectory, table.get(), 1, kBuckets));
  const auto other = MakeTable(manifest.tables[1], 1, 2);
  manifest.files.push_back(*WriteRows(files, kDirectory, other.get(), 1, kBuckets));
  WriteManifest(files, manifest);
  const auto reader = CheckpointReader::Open(&files, kDirectory);
  ASSERT_TRUE(reader.ok()) << reader.status().ToString();
  EXPECT_NE(LoadTable(**reader, table.get()).message().find("is also in"), std::string::npos);
  EXPECT_EQ(table->rows(), 0U);
}

}  // namespace
}  // namespace rookery
