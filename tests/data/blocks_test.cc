// Prepared files: what comes out is what the text gave, and what is damaged is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "common/random.h"
#include "data/bit_packing.h"
#include "data/block_file.h"
#include "data/column_codec.h"
#include "data/prepare.h"
#include "tests/data/testing/input_fixture.h"

namespace rookery {
namespace {

using ::testing::HasSubstr;

TEST(BitPacking, EveryWidthComesBack) {
  Random random(1, Purpose::kTest);
  for (unsigned bits = 0; bits <= kPackedBitsMax; ++bits) {
    std::vector<std::uint64_t> values(37);
    for (std::uint64_t& value : values) {
      value = bits == 0 ? 0 : random.Next() >> (64 - bits);
    }
    std::vector<std::byte> packed(PackedBytes(values.size(), bits));
    PackBits(values, bits, packed.data());
    for (std::size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(UnpackOne(packed.data(), i, bits), values[i]) << bits << " bits, value " << i;
    }
    if (bits > kIndexBitsMax) continue;
    std::vector<std::uint16_t> indices(40);
    UnpackIndices(packed.data(), bits, values.size(), indices.data());
    for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(indices[i], values[i]) << bits;
  }
}

TEST(BitPacking, TheLayoutIsFixed) {
  const std::vector<std::uint64_t> values = {1, 2, 3, 7};
  std::vector<std::byte> packed(PackedBytes(4, 3));
  ASSERT_EQ(packed.size(), 11U);
  PackBits(values, 3, packed.data());
  EXPECT_EQ(std::to_integer<int>(packed[0]), 1 + (2 << 3) + ((3 << 6) & 255));
  EXPECT_EQ(std::to_integer<int>(packed[1]), (3 >> 2) + (7 << 1));
}

template <class T>
std::size_t RoundTrip(const std::vector<T>& values, bool compress, std::uint8_t form) {
  ColumnEncoder encoder(compress);
  std::vector<std::byte> bytes;
  encoder.Encode(std::span<const T>(values), &bytes);
  EXPECT_EQ(bytes.size() % 8, 0U);
  EXPECT_EQ(std::to_integer<int>(bytes[0]), form);
  ColumnDecoder decoder;
  ByteReader in(bytes);
  std::vector<T> found(values.size() * 3);
  const Status status = decoder.Decode(&in, values.size(), found.data(), 3);
  EXPECT_TRUE(status.ok()) << status.ToString();
  EXPECT_TRUE(in.Finish("column").ok());
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(std::memcmp(&found[3 * i], &values[i], sizeof(T)), 0) << i;
  }
  ByteReader again(bytes);
  found.resize(values.size());
  EXPECT_TRUE(decoder.Decode(&again, values.size(), found.data()).ok());
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(std::memcmp(&found[i], &values[i], sizeof(T)), 0) << i;
  }
  return bytes.size();
}

TEST(ColumnCodec, TakesTheSmallestFormAndKeepsEveryBit) {
  constexpr std::uint8_t kRaw = 0;
  constexpr std::uint8_t kPacked = 1;
  constexpr std::uint8_t kDictionary = 2;
  Random random(2, Purpose::kTest);
  std::vector<std::uint64_t> hashes(1000);
  for (std::uint64_t& hash : hashes) hash = random.Next();
  std::vector<std::uint64_t> few(1000);
  for (std::uint64_t& key : few) key = hashes[random.NextBelow(100)];
  std::vector<std::uint64_t> ids(1000);
  for (std::uint64_t& id : ids) id = 5000000000U + random.NextBelow(100000);
  const float nan = std::bit_cast<float>(0x7fc12345U);
  const std::vector<float> floats = {-0.0F, 0.0F, nan, 1e30F, -0.0F, 0.0F, nan, 1e30F, 1e30F, 0.0F};
  std::vector<float> many_floats;
  for (int i = 0; i < 100; ++i) many_floats.insert(many_floats.end(), floats.begin(), floats.end());
  for (const bool compress : {false, true}) {
    EXPECT_EQ(RoundTrip(hashes, compress, kRaw), 16 + 8000U);
    EXPECT_LT(RoundTrip(few, compress, kDictionary), 16 + 800 + 900U);
    EXPECT_LT(RoundTrip(ids, compress, kPacked), 2200U);
    EXPECT_LE(RoundTrip(std::vector<std::uint64_t>(1000, ~0U), compress, kPacked), 32U);
    EXPECT_LT(RoundTrip(many_floats, compress, kDictionary), 500U);
    RoundTrip(std::vector<float>{}, compress, kRaw);
    RoundTrip(std::vector<std::uint32_t>{7}, compress, kRaw);
    RoundTrip(std::vector<std::uint64_t>{~std::uint64_t{0}, 0}, compress, kRaw);
  }
}

TEST(ColumnCodec, RefusesAColumnOfAnotherSizeOrWithAnIndexPastItsValues) {
  ColumnEncoder encoder(false);
  std::vector<std::byte> bytes;
  const std::vector<float> values = [] {
    std::vector<float> made;
    for (int i = 0; i < 300; ++i) made.push_back(std::exp(static_cast<float>(i % 5)));
    return made;
  }();
  encoder.Encode(std::span(values), &bytes);
  std::vector<float> out(400);
  ColumnDecoder decoder;
  for (const std::size_t count : {0U, 299U - 16U, 400U}) {
    ByteReader in(bytes);
    EXPECT_EQ(decoder.Decode(&in, count, out.data()).code(), Code::kCorrupt) << count;
  }
  ByteReader wider(bytes);
  std::vector<std::uint64_t> keys(300);
  EXPECT_EQ(decoder.Decode(&wider, 300, keys.data()).code(), Code::kCorrupt);
  bytes[16 + 24] |= std::byte{0x7};  // the first index becomes 7 of 5
  ByteReader in(bytes);
  EXPECT_THAT(decoder.Decode(&in, 300, out.data()).message(), HasSubstr("index past its values"));
}

// All kinds of columns; chunks without an example in the middle.
Schema MixedSchema() {
  Schema schema;
  schema.columns = {
      MakeColumn("y", ColumnType::kLabel),   MakeColumn("w", ColumnType::kWeight),
      MakeColumn("x", ColumnType::kNumeric), MakeColumn("a", ColumnType::kCategorical),
      MakeColumn("l", ColumnType::kList),    MakeColumn("z", ColumnType::kNumeric)};
  schema.columns[2].transform = NumericTransform::kStandard;
  schema.buckets = {{"b", "z", 4, {}, {}}};
  schema.crosses = {{"axb", {"a", "b"}, {}}};
  return schema;
}

std::string MixedText(std::size_t rows) {
  Random random(3, Purpose::kTest);
  std::string text;
  for (std::size_t i = 0; i < rows; ++i) {
    if (i == rows / 2) text += std::string(3000, '\n');
    text += StrCat(random.NextBelow(2), ",", random.NextBelow(3), ",", random.NextDouble(), ",a",
                   random.NextBelow(30), ",");
    for (std::uint64_t k = random.NextBelow(4); k > 0; --k)
      text += StrCat("|l", random.NextBelow(9));
    text += StrCat(",", random.NextBelow(100), "\n");
  }
  return text;
}

struct Prepared {
  MemoryFileSystem files;
  FittedSchema fitted;
  InputOptions input{{"in.txt"}, 32, true};

  Prepared(const Schema& schema, const std::string& text, Compression compression,
           PrepareOptions options = {}) {
    WriteText(files, "in.txt", text, compression);
    auto fit = FitSchema(&files, *ResolveSchema(schema), input, 1U << 30U);
    EXPECT_TRUE(fit.ok()) << fit.status().ToString();
    fitted = *std::move(fit);
    options.input = input;
    options.prefix = "out";
    const auto report = PrepareFiles(files, fitted, options);
    EXPECT_TRUE(report.ok()) << report.status().ToString();
  }
  StatusOr<RunResult> Read(const std::string& path, const ChunkRun& run) {
    return MakeInputReader(&files, &fitted, {{path}, 32, true})->Read(run);
  }
};

void ExpectSame(const Batch& a, const Batch& b) {
  EXPECT_EQ(a.examples, b.examples);
  EXPECT_EQ(a.numeric_width, b.numeric_width);
  EXPECT_EQ(a.labels, b.labels);
  EXPECT_EQ(a.weights, b.weights);
  EXPECT_EQ(a.numeric, b.numeric);
  ASSERT_EQ(a.features.size(), b.features.size());
  for (std::size_t f = 0; f < a.features.size(); ++f) {
    SCOPED_TRACE(StrCat("feature ", f));
    EXPECT_EQ(a.features[f].keys, b.features[f].keys);
    EXPECT_EQ(a.features[f].offsets, b.features[f].offsets);
    EXPECT_EQ(a.features[f].weights, b.features[f].weights);
  }
}

void ExpectSameRuns(Prepared& prepared) {
  for (const ChunkRun& run : {ChunkRun{0, 0, 1, 1}, ChunkRun{0, 0, 1, 1000}, ChunkRun{0, 3, 4, 2},
                              ChunkRun{0, 1, 2, 100}, ChunkRun{0, 99999, 1, 1}}) {
    SCOPED_TRACE(StrCat("first ", run.first, ", stride ", run.stride, ", count ", run.count));
    const auto text = prepared.Read("in.txt", run);
    const auto blocks = prepared.Read("out-00000.blocks", run);
    ASSERT_TRUE(text.ok() && blocks.ok()) << blocks.status().ToString();
    ExpectSame(blocks->examples, text->examples);
    EXPECT_EQ(blocks->end_of_file, text->end_of_file);
  }
}

TEST(Blocks, EveryRunOfChunksIsThatOfTheText) {
  for (const Compression compression : {Compression::kNone, Compression::kZstd}) {
    for (const bool compress : {false, true}) {
      PrepareOptions options;
      options.compress = compress;
      Prepared prepared(MixedSchema(), MixedText(700), compression, options);
      ExpectSameRuns(prepared);
    }
  }
}

TEST(Blocks, WeightsOfPairsThatOnlySomeChunksHave) {
  Schema schema;
  schema.format = InputFormat::kLibsvm;
  std::string text;
  for (int i = 0; i < 400; ++i) {
    text += StrCat(i % 2, " ", i % 7, ":", i > 200 && i < 230 ? "0.5" : "1", " 9:1\n");
  }
  Prepared prepared(schema, text, Compression::kNone);
  ExpectSameRuns(prepared);
}

TEST(Blocks, MemoryThatIsGivenBackChangesNothing) {
  Prepared prepared(MixedSchema(), MixedText(700), Compression::kNone);
  const auto reader =
      MakeInputReader(&prepared.files, &prepared.fitted, {{"out-00000.blocks"}, 32, true});
  for (const std::uint64_t first : {0U, 5U, 2U, 500U, 1U}) {
    auto used = reader->Read({0, first, 1, 4});
    ASSERT_TRUE(used.ok());
    ExpectSame(used->examples, prepared.Read("in.txt", {0, first, 1, 4})->examples);
    reader->Recycle(std::move(used->examples));
  }
}

TEST(Blocks, ShuffledTheyHoldTheSameExamples) {
  PrepareOptions options;
  options.shuffle_bytes = 20000;
  const std::string text = MixedText(700);
  Prepared prepared(MixedSchema(), text, Compression::kNone, options);
  const auto fingerprints = [](const Batch& batch, std::vector<std::string>* all) {
    for (std::size_t i = 0; i < batch.examples; ++i) {
      std::string print = StrCat(batch.labels[i], " ", batch.weights[i], " ", batch.numeric[2 * i],
                                 " ", batch.numeric[2 * i + 1]);
      for (const FeatureColumn& feature : batch.features) {
        for (std::size_t k = feature.Begin(i); k < feature.End(i); ++k) {
          print += StrCat(" ", feature.keys[k]);
        }
      }
      all->push_back(print);
    }
  };
  std::vector<std::string> expected;
  fingerprints(prepared.Read("in.txt", {0, 0, 1, 1000})->examples, &expected);
  std::vector<std::string> found;
  std::size_t files = 0;
  const std::vector<std::string> paths = *prepared.files.Glob("out-*.blocks");
  for (const std::string& path : paths) {
    const auto run = prepared.Read(path, {0, 0, 1, 1000});
    ASSERT_TRUE(run.ok()) << run.status().ToString();
    fingerprints(run->examples, &found);
    ++files;
  }
  EXPECT_GT(files, 1U);
  EXPECT_NE(found, expected);
  std::sort(found.begin(), found.end());
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(found, expected);
}

TEST(Blocks, ADamagedFileIsRefusedWithItsPlace) {
  Prepared prepared(MixedSchema(), MixedText(200), Compression::kNone);
  const std::string whole = *ReadWholeFile(prepared.files, "out-00000.blocks", 1U << 20U);
  const ChunkRun all{0, 0, 1, 1000};
  for (std::size_t at = 0; at < whole.size(); at += 1 + at / 50) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    WriteText(prepared.files, "bad", damaged);
    if (at < 8) continue;  // no prepared file at all: text
    const auto run = prepared.Read("bad", all);
    ASSERT_EQ(run.status().code(), Code::kInvalidInput) << "byte " << at;
    EXPECT_THAT(run.status().message(), HasSubstr("bad: byte "));
    WriteText(prepared.files, "bad", whole.substr(0, at));
    EXPECT_EQ(prepared.Read("bad", all).status().code(), Code::kInvalidInput) << at << " bytes";
  }
  std::string newer = whole;
  newer[8] = 2;
  WriteText(prepared.files, "bad", newer);
  EXPECT_THAT(prepared.Read("bad", all).status().message(),
              HasSubstr("bad: byte 8: version 2, this program reads version 1"));
}

TEST(Blocks, AnotherSchemaIsRefused) {
  Prepared prepared(MixedSchema(), MixedText(100), Compression::kNone);
  prepared.fitted.statistics[0].mean += 1;
  const auto run = prepared.Read("out-00000.blocks", {0, 0, 1, 1});
  EXPECT_EQ(run.status().code(), Code::kInvalidInput);
  EXPECT_THAT(run.status().message(), HasSubstr("out-00000.blocks: this prepared file was made"));
}

}  // namespace
}  // namespace rookery
