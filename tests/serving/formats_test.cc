// safetensors, native tables and the manifest: golden bytes and hostile ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "io/memory_file_system.h"
#include "serving/export_manifest.h"
#include "serving/hex.h"
#include "serving/native_table.h"
#include "serving/safetensors.h"

namespace rookery {
namespace {

using ::testing::HasSubstr;

TEST(Hex, SixteenDigitsAndBack) {
  EXPECT_EQ(Hex64(0xabcULL), "0000000000000abc");
  std::uint64_t value = 0;
  EXPECT_TRUE(ParseHex64("ffffffffffffffff", &value));
  EXPECT_EQ(value, UINT64_MAX);
  for (const char* bad : {"", "abc", "0000000000000abg", "00000000000000abc", "-000000000000001"}) {
    EXPECT_FALSE(ParseHex64(bad, &value)) << bad;
  }
}

TEST(Safetensors, GoldenHeader) {
  const std::vector<SafetensorsEntry> entries = {{"k", "I64", {3}}, {"w", "F32", {2, 5}}};
  const std::string header = SafetensorsHeader(entries, {{"a", "b"}});
  const std::string json =
      R"({"__metadata__":{"a":"b"},"k":{"dtype":"I64","shape":[3],"data_offsets":[0,24]},)"
      R"("w":{"dtype":"F32","shape":[2,5],"data_offsets":[24,64]}})";
  ASSERT_EQ(header.size() % 8, 0U);
  std::uint64_t length = 0;
  std::memcpy(&length, header.data(), 8);
  EXPECT_EQ(length, header.size() - 8);
  EXPECT_EQ(header.substr(8, json.size()), json);
  EXPECT_EQ(header.substr(8 + json.size()).find_first_not_of(' '), std::string::npos);
}

std::string WithLength(std::string json, std::size_t data_bytes) {
  std::string text(8, '\0');
  const std::uint64_t length = json.size();
  std::memcpy(text.data(), &length, 8);
  return text + json + std::string(data_bytes, 'x');
}

StatusOr<SafetensorsFile> ReadBytes(const std::string& bytes) {
  MemoryFileSystem files;
  EXPECT_TRUE(WriteFileAtomically(files, "f", bytes).ok());
  const auto file = files.OpenRandomAccess("f");
  return ReadSafetensorsHeader(**file, "f");
}

TEST(Safetensors, RefusesWhatDoesNotAddUp) {
  EXPECT_TRUE(
      ReadBytes(WithLength(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8)).ok());
  const std::pair<std::string, const char*> cases[] = {
      {"short", "too short"},
      {std::string("\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10), "does not fit"},
      {WithLength("[]", 0), "JSON object"},
      {WithLength(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 7), "inside"},
      {WithLength(R"({"w":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8), "as long as"},
      {WithLength(R"({"w":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}})", 8), "dtype"},
      {WithLength(R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8), "inside"},
      {WithLength(R"({"w":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8), "not negative"},
      {WithLength(R"({"w":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})",
                  0),
       "as long as"},
  };
  for (const auto& [bytes, message] : cases) {
    const Status status = ReadBytes(bytes).status();
    EXPECT_EQ(status.code(), Code::kCorrupt) << message;
    EXPECT_THAT(status.message(), HasSubstr(message));
  }
}

class NativeTableTest : public ::testing::Test {
 protected:
  void Write(std::uint64_t count) {
    std::vector<std::pair<std::uint64_t, Key>> ordered;
    for (Key key = 0; key + 1 < count; ++key) ordered.emplace_back(MixKey(key), key);
    if (count > 0) ordered.emplace_back(MixKey(UINT64_MAX), UINT64_MAX);
    std::sort(ordered.begin(), ordered.end());
    auto writer = NativeTableWriter::Create(files_, "d", "t", 2, count);
    ASSERT_TRUE(writer.ok());
    for (const auto& [mixed, key] : ordered) {
      const float value = static_cast<float>(key % 1000);
      const float row[] = {value, -value, 99.0F};  // the last is state
      ASSERT_TRUE((*writer)->Append(std::span(&key, 1), row, 3).ok());
    }
    StatusOr<std::vector<ExportFile>> written = (*writer)->Finish();
    ASSERT_TRUE(written.ok()) << written.status().ToString();
    manifest_.files = *written;
  }
  StatusOr<NativeTable> Load(std::uint32_t dim, std::uint64_t rows) {
    return NativeTable::Load(files_, "d", manifest_, "t", dim, rows);
  }
  // Replaces a file and what the manifest says of it: only the content can give it away.
  void Replace(const std::string& name, const std::string& content) {
    ASSERT_TRUE(WriteFileAtomically(files_, "d/" + name, content).ok());
    for (ExportFile& file : manifest_.files) {
      if (file.name == name) file = {name, content.size(), HashText(content)};
    }
  }
  std::string Read(const std::string& name) {
    return ReadWholeFile(files_, "d/" + name, 1U << 20U).value();
  }
  void SetUp() override { ASSERT_TRUE(files_.MakeDirectory("d").ok()); }

  MemoryFileSystem files_;
  ExportManifest manifest_;
};

TEST_F(NativeTableTest, FindsEveryKeyAndNoOther) {
  for (const std::uint64_t count : {0U, 1U, 2U, 3U, 1000U}) {
    SCOPED_TRACE(count);
    Write(count);
    const StatusOr<NativeTable> table = Load(2, count);
    ASSERT_TRUE(table.ok()) << table.status().ToString();
    EXPECT_EQ(table->size(), count);
    std::vector<Key> keys;
    for (Key key = 0; key < 3000; ++key) keys.push_back(key);
    keys.push_back(UINT64_MAX);
    std::vector<std::uint32_t> positions(keys.size());
    table->Find(keys, positions.data());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const bool known = count > 0 && (keys[i] + 1 < count || keys[i] == UINT64_MAX);
      ASSERT_EQ(positions[i] != kNoTableRow, known) << keys[i];
      if (!known) continue;
      EXPECT_EQ(table->rows()[positions[i] * 2U], static_cast<float>(keys[i] % 1000));
      EXPECT_EQ(table->rows()[positions[i] * 2U + 1], -static_cast<float>(keys[i] % 1000));
    }
  }
}

TEST_F(NativeTableTest, GoldenBytes) {
  Write(1);
  const std::string keys = Read("table-t.keys");
  const std::string rows = Read("table-t.rows");
  ASSERT_EQ(keys.size(), 72U);
  ASSERT_EQ(rows.size(), 72U);
  EXPECT_EQ(keys.substr(0, 24), std::string("RKYKEYS1\2\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0", 24));
  EXPECT_EQ(keys.substr(24, 40), std::string(40, '\0'));
  EXPECT_EQ(keys.substr(64), std::string(8, '\xff'));
  EXPECT_EQ(rows.substr(0, 8), "RKYROWS1");
  EXPECT_EQ(rows.substr(8, 56), keys.substr(8, 56));
}

TEST_F(NativeTableTest, RefusesHostileFiles) {
  Write(8);
  EXPECT_EQ(Load(3, 8).status().code(), Code::kCorrupt);
  EXPECT_EQ(Load(2, 7).status().code(), Code::kCorrupt);
  EXPECT_EQ(Load(2, UINT64_MAX / 8).status().code(), Code::kCorrupt);
  const std::string keys = Read("table-t.keys");
  const std::string rows = Read("table-t.rows");
  std::string swapped = keys;
  std::swap_ranges(&swapped[64], &swapped[72], &swapped[72]);
  Replace("table-t.keys", swapped);
  EXPECT_THAT(Load(2, 8).status().message(), HasSubstr("do not ascend"));
  std::string magic = keys;
  magic[7] = '2';
  Replace("table-t.keys", magic);
  EXPECT_THAT(Load(2, 8).status().message(), HasSubstr("header"));
  Replace("table-t.keys", keys);
  ASSERT_TRUE(Load(2, 8).ok());
  std::string infinite = rows;
  const float infinity = std::numeric_limits<float>::infinity();
  std::memcpy(&infinite[64], &infinity, 4);
  Replace("table-t.rows", infinite);
  EXPECT_THAT(Load(2, 8).status().message(), HasSubstr("not finite"));
}

TEST_F(NativeTableTest, WriterRefusesDisorderAndWrongCounts) {
  auto writer = NativeTableWriter::Create(files_, "d", "t", 1, 2);
  ASSERT_TRUE(writer.ok());
  const Key keys[] = {5, 5};
  const float rows[] = {1, 2};
  EXPECT_EQ((*writer)->Append(keys, rows, 1).code(), Code::kCorrupt);
  auto other = NativeTableWriter::Create(files_, "d", "t", 1, 2);
  ASSERT_TRUE((*other)->Append(std::span(keys, 1), std::span(rows, 1), 1).ok());
  EXPECT_THAT((*other)->Finish().status().message(), HasSubstr("has 1 rows"));
}

TEST(ExportManifest, RoundTripAndRefusals) {
  ExportManifest manifest;
  manifest.rookery_version = "1.2.3";
  manifest.step = 9;
  manifest.files = {{"a.bin", 5, 0xfedcba9876543210U}, {"b.bin", 0, 1}};
  const std::string json = ExportManifestToJson(manifest);
  const StatusOr<ExportManifest> back = ExportManifestFromJson(json, "M");
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(back->files, manifest.files);
  EXPECT_EQ(back->step, 9U);
  const auto refused = [&json](const std::string& from, const std::string& to) {
    std::string text = json;
    text.replace(text.find(from), from.size(), to);
    return ExportManifestFromJson(text, "M").status();
  };
  EXPECT_THAT(refused("\"format_version\": 1", "\"format_version\": 2").message(),
              HasSubstr("this build reads 1"));
  EXPECT_THAT(refused("a.bin", "../a.bin").message(), HasSubstr("same directory"));
  EXPECT_THAT(refused("a.bin", "b.bin").message(), HasSubstr("twice"));
  EXPECT_THAT(refused("fedc", "fxdc").message(), HasSubstr("16 hexadecimal"));
  EXPECT_EQ(TableKeysName("a/b c"), "table-a%2Fb%20c.keys");
}

}  // namespace
}  // namespace rookery
