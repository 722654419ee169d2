// Checkpoints on disk: any number of shards writes, any number loads.

#include <gtest/gtest.h>

#include <cstring>
#include <iomanip>
#include <sstream>

#include "io/memory_file_system.h"
#include "io/record_file.h"
#include "tests/ps/testing/checkpoint_sample.h"

namespace rookery {
namespace {

using namespace testing;  // NOLINT: the sample is all of it

TEST(Checkpoint, LoadsOnAnyNumberOfServers) {
  for (const std::size_t rows : {std::size_t{0}, std::size_t{2}, std::size_t{300}}) {
    MemoryFileSystem one_writer;
    Write(one_writer, 1, rows);
    MemoryFileSystem files;
    Write(files, 3, rows);
    EXPECT_EQ(DigestOf(files), DigestOf(one_writer)) << rows << " rows";
    EXPECT_TRUE(VerifyAll(files).ok());
    const auto sample = SampleRows(rows);
    for (const std::uint32_t servers : {1U, 2U, 5U, 16U}) {
      const auto reader = CheckpointReader::Open(&files, kDirectory);
      ASSERT_TRUE(reader.ok()) << reader.status().ToString();
      for (const TableSpec& spec : Specs()) {
        Rows loaded;
        for (std::uint32_t server = 0; server < servers; ++server) {
          const auto table = MakeTable(spec, server, servers);
          const Status status = LoadTable(**reader, table.get());
          ASSERT_TRUE(status.ok()) << status.ToString();
          loaded.merge(RowsOf(*table));
        }
        EXPECT_TRUE(SameBits(loaded, sample.at(spec.name))) << spec.name << " on " << servers;
      }
    }
  }
}

TEST(Checkpoint, LoadReplacesWhatWasThere) {
  MemoryFileSystem files;
  Write(files, 2, 20);
  const TableSpec spec = Specs()[0];
  const auto table = MakeTable(spec, 0, 1);
  ASSERT_TRUE(table->InsertRow(12345, std::vector<float>(table->row_floats(), 1.0F)).ok());
  const auto reader = CheckpointReader::Open(&files, kDirectory);
  ASSERT_TRUE(LoadTable(**reader, table.get()).ok());
  EXPECT_TRUE(SameBits(RowsOf(*table), SampleRows(20).at("user")));
}

TEST(Checkpoint, DenseAndTextsComeBack) {
  MemoryFileSystem files;
  Write(files, 1, 3);
  const auto reader = CheckpointReader::Open(&files, kDirectory);
  ASSERT_TRUE(reader.ok());
  const auto dense = (*reader)->ReadDense();
  ASSERT_TRUE(dense.ok()) << dense.status().ToString();
  EXPECT_EQ(dense->step, 9U);
  EXPECT_EQ(dense->weights, SampleDense().weights);
  EXPECT_EQ(dense->state, SampleDense().state);
  EXPECT_EQ(*(*reader)->ReadText(kFeaturesName), "{}\n");
  EXPECT_FALSE((*reader)->ReadText("other.json").ok());
}

// docs/checkpoint_format.md "Digest", from its words.
TEST(Checkpoint, DigestIsWhatTheDocumentSays) {
  MemoryFileSystem files;
  Write(files, 2, 2);
  const DenseState dense = SampleDense();
  std::string expected;
  for (const std::uint64_t seed : {1U, 2U}) {
    std::uint64_t sum = 0;
    const auto sample = SampleRows(2);
    for (const auto& [name, rows] : sample) {
      for (const auto& [key, row] : rows) {
        std::string bytes(8 + row.size() * 4, '\0');
        std::memcpy(bytes.data(), &key, 8);
        std::memcpy(bytes.data() + 8, row.data(), row.size() * 4);
        sum += HashText(bytes, HashText(name, seed));
      }
    }
    std::string bytes(40, '\0');
    std::memcpy(bytes.data(), dense.weights.data(), 20);
    std::memcpy(bytes.data() + 20, dense.state.data(), 20);
    sum += HashText(bytes, seed);
    std::ostringstream hex;
    hex << std::hex << std::setw(16) << std::setfill('0') << sum;
    expected += hex.str();
  }
  EXPECT_EQ(DigestOf(files), expected);
}

TEST(Checkpoint, DigestSeesEveryChange) {
  MemoryFileSystem files;
  Write(files, 1, 10);
  const std::string before = DigestOf(files);
  DenseState dense = SampleDense();
  dense.state[4] = 8;
  CheckpointManifest manifest = Write(files, 1, 10);
  const auto file = WriteDense(files, kDirectory, dense);
  for (CheckpointFile& entry : manifest.files) {
    if (entry.name == kDenseName) entry = *file;
  }
  WriteManifest(files, manifest);
  EXPECT_NE(DigestOf(files), before);
  Write(files, 1, 11);
  EXPECT_NE(DigestOf(files), before);
}

TEST(Checkpoint, AServerReadsOnlyItsBuckets) {
  MemoryFileSystem files;
  Write(files, 1, 300);
  const TableSpec spec = Specs()[0];
  const std::string path = JoinPath(kDirectory, RowsFileName(spec.name, 0));
  ASSERT_TRUE(files.FlipBit(path, 8 * (kRecordHeaderBytes + kBlockFrameBytes + 40)).ok());
  const auto reader = CheckpointReader::Open(&files, kDirectory);
  ASSERT_TRUE(reader.ok());
  const auto first = MakeTable(spec, 0, 2);
  const auto second = MakeTable(spec, 1, 2);
  EXPECT_FALSE(LoadTable(**reader, first.get()).ok());
  EXPECT_TRUE(LoadTable(**reader, second.get()).ok());
}

TEST(Checkpoint, ADiskThatFailsAnywhereIsReported) {
  for (std::uint64_t call = 1;; ++call) {
    MemoryFileSystem files;
    ASSERT_TRUE(files.MakeDirectory(kDirectory).ok());
    const auto table = MakeTable(Specs()[0], 0, 1);
    ASSERT_TRUE(table->InsertRow(77, std::vector<float>(6, 1.0F)).ok());
    files.FailAt(call);
    const auto file = WriteRows(files, kDirectory, table.get(), 0, kBuckets);
    if (file.ok()) {
      EXPECT_GT(call, 5U);
      break;
    }
    EXPECT_EQ(file.status().code(), Code::kIo) << call;
  }
}

TEST(Checkpoint, CurrentNamesTheNewest) {
  MemoryFileSystem files;
  EXPECT_EQ(CurrentCheckpoint(files, "run/checkpoints").status().code(), Code::kNotFound);
  Write(files, 1, 1);
  const std::string path = "run/checkpoints/CURRENT";
  ASSERT_TRUE(WriteFileAtomically(files, path, "00000001\n").ok());
  EXPECT_EQ(*CurrentCheckpoint(files, "run/checkpoints"), kDirectory);
  for (const char* bad : {"00000002\n", "00000001", "", "\n", "../00000001\n", "00000001\n\n"}) {
    ASSERT_TRUE(WriteFileAtomically(files, path, bad).ok());
    const auto current = CurrentCheckpoint(files, "run/checkpoints");
    EXPECT_EQ(current.status().code(), Code::kCorrupt) << bad;
    EXPECT_TRUE(current.status().message().starts_with(path));
  }
}

}  // namespace
}  // namespace rookery
