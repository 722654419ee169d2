// Checkpoints on disk: any number of shards writes, any number loads, nothing damaged is read.

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <iomanip>
#include <limits>
#include <map>
#include <sstream>

#include "common/bytes.h"
#include "common/hash.h"
#include "common/random.h"
#include "io/memory_file_system.h"
#include "io/record_file.h"
#include "ps/bucket_scan.h"
#include "ps/checkpoint_reader.h"
#include "ps/checkpoint_writer.h"
#include "ps/ps_options.h"
#include "ps/rows_file.h"

namespace rookery {
namespace {

constexpr std::uint64_t kSeed = 20240501;
constexpr std::uint32_t kBuckets = 16;
const std::string kDirectory = "run/checkpoints/00000001";

using Rows = std::map<Key, std::vector<float>>;

TableSpec Spec(std::uint32_t id, const std::string& name, std::uint32_t dim, UpdaterKind kind) {
  TableSpec spec;
  spec.id = TableId{id};
  spec.name = name;
  spec.dim = dim;
  spec.updater.kind = kind;
  return spec;
}

std::vector<TableSpec> Specs() {
  TableSpec user = Spec(0, "user", 3, UpdaterKind::kAdagrad);
  TableSpec item = Spec(5, "item", 2, UpdaterKind::kAdam);
  item.updater.catch_up = true;
  return {user, item};
}

std::unique_ptr<Table> MakeTable(const TableSpec& spec, std::uint32_t server,
                                 std::uint32_t servers) {
  return std::make_unique<Table>(spec, kBuckets, FirstBucketOf(server, servers, kBuckets),
                                 FirstBucketOf(server + 1, servers, kBuckets));
}

// What the tables hold, as if there were no servers.
std::map<std::string, Rows> SampleRows(std::size_t count) {
  Random random(kSeed, Purpose::kTest);
  std::map<std::string, Rows> tables;
  for (const TableSpec& spec : Specs()) {
    const std::size_t row_floats = MakeTable(spec, 0, 1)->row_floats();
    Rows& rows = tables[spec.name];
    while (rows.size() < count) {
      std::vector<float> row(row_floats);
      for (float& value : row) value = random.NextFloat() - 0.5F;
      if (spec.updater.catch_up) row.back() = std::bit_cast<float>(0x7fc00001U);  // a step: a NaN
      rows[random.Next()] = row;
    }
  }
  return tables;
}

Rows RowsOf(const Table& table) {
  Rows rows;
  BucketRows bucket;
  for (std::uint32_t b = table.first_bucket(); b < table.end_bucket(); ++b) {
    table.CopyBucket(b, &bucket);
    for (std::size_t i = 0; i < bucket.keys.size(); ++i) {
      const float* row = bucket.rows.data() + i * table.row_floats();
      rows[bucket.keys[i]] = std::vector<float>(row, row + table.row_floats());
    }
  }
  return rows;
}

bool SameBits(const Rows& a, const Rows& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.size() == y.second.size() &&
           std::memcmp(x.second.data(), y.second.data(), x.second.size() * sizeof(float)) == 0;
  });
}

DenseState SampleDense() {
  return {9, {1, 2, 3, 4, 5}, {0.5F, 0.25F, 0, -1, 7}};
}

void WriteManifest(FileSystem& files, const CheckpointManifest& manifest) {
  const Status status =
      WriteFileAtomically(files, JoinPath(kDirectory, kManifestName), ManifestToJson(manifest));
  ASSERT_TRUE(status.ok()) << status.ToString();
}

// Writes the sample as `shards` servers would.
CheckpointManifest Write(FileSystem& files, std::uint32_t shards, std::size_t rows) {
  EXPECT_TRUE(files.MakeDirectory(kDirectory).ok());
  CheckpointManifest manifest;
  manifest.buckets = kBuckets;
  manifest.shards = shards;
  manifest.tables = Specs();
  manifest.dense.blocks = {{"w", 5, 1, 0, {}, 0, 0}};
  const auto sample = SampleRows(rows);
  for (const TableSpec& spec : manifest.tables) {
    for (std::uint32_t shard = 0; shard < shards; ++shard) {
      const auto table = MakeTable(spec, shard, shards);
      for (const auto& [key, row] : sample.at(spec.name)) {
        if (!table->Owns(key)) continue;
        EXPECT_TRUE(table->InsertRow(key, row).ok());
      }
      const auto file = WriteRows(files, kDirectory, *table, shard, kBuckets);
      EXPECT_TRUE(file.ok()) << file.status().ToString();
      manifest.files.push_back(*file);
    }
  }
  const auto dense = WriteDense(files, kDirectory, SampleDense());
  EXPECT_TRUE(dense.ok());
  manifest.files.push_back(*dense);
  const std::string features = "{}\n";
  const std::string path = JoinPath(kDirectory, kFeaturesName);
  EXPECT_TRUE(WriteFileAtomically(files, path, features).ok());
  manifest.files.push_back(
      {std::string(kFeaturesName), features.size(), HashText(features), "", 0, 0});
  WriteManifest(files, manifest);
  return manifest;
}

std::string DigestOf(FileSystem& files) {
  const auto reader = CheckpointReader::Open(&files, kDirectory);
  EXPECT_TRUE(reader.ok()) << reader.status().ToString();
  const auto digest = CheckpointDigest(**reader);
  EXPECT_TRUE(digest.ok()) << digest.status().ToString();
  return digest.ok() ? *digest : "";
}

// Everything any role reads of a checkpoint.
Status ReadAll(FileSystem& files) {
  ROOKERY_ASSIGN_OR_RETURN(const auto reader, CheckpointReader::Open(&files, kDirectory));
  for (const TableSpec& spec : Specs()) {
    const auto table = MakeTable(spec, 0, 1);
    ROOKERY_RETURN_IF_ERROR(LoadTable(*reader, table.get()));
  }
  ROOKERY_RETURN_IF_ERROR(reader->ReadDense().status());
  return reader->ReadText(kFeaturesName).status();
}

Status VerifyAll(FileSystem& files) {
  ROOKERY_ASSIGN_OR_RETURN(const auto reader, CheckpointReader::Open(&files, kDirectory));
  return reader->VerifyAll();
}

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
  EXPECT_EQ(
      CheckpointReader::Open(&files, kDirectory).status().message(),
      JoinPath(kDirectory, kManifestName) + ": format version 9, this program reads version 1");
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
      manifest.files.push_back(*WriteRows(files, kDirectory, *table, 0, kBuckets));
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
  manifest.files.push_back(*WriteRows(files, kDirectory, *table, 1, kBuckets));
  const auto other = MakeTable(manifest.tables[1], 1, 2);
  manifest.files.push_back(*WriteRows(files, kDirectory, *other, 1, kBuckets));
  WriteManifest(files, manifest);
  const auto reader = CheckpointReader::Open(&files, kDirectory);
  ASSERT_TRUE(reader.ok()) << reader.status().ToString();
  EXPECT_NE(LoadTable(**reader, table.get()).message().find("is also in"), std::string::npos);
  EXPECT_EQ(table->rows(), 0U);
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
    const auto file = WriteRows(files, kDirectory, *table, 0, kBuckets);
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

// The whole bytes of a rows file of one row (docs/checkpoint_format.md).
TEST(Checkpoint, RowsFileBytesStayWhatTheyAre) {
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

TEST(Checkpoint, AHostileFileIsRefusedBeforeItIsBelieved) {
  const RecordFormat format{kCheckpointFormatVersion, kRowsKind};
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
