#include "data/input.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "common/random.h"
#include "tests/data/testing/input_fixture.h"

namespace rookery {
namespace {

constexpr int kRows = 300;

FittedSchema Numbered(bool header) {
  FittedSchema fitted;
  fitted.schema.header = header;
  fitted.schema.skip_prefixes = {"#"};
  fitted.schema.columns = {MakeColumn("n", ColumnType::kLabel),
                           MakeColumn("c", ColumnType::kCategorical)};
  fitted.schema = *ResolveSchema(fitted.schema);
  return fitted;
}

// Row i has label i, a text of varying length, and blank or junk lines around it.
std::string NumberedText(bool header) {
  Random random(11, Purpose::kTest);
  std::string text = header ? "# first\nc,n\n" : "";
  for (int i = 0; i < kRows; ++i) {
    if (random.NextBelow(10) == 0) text += "# " + std::string(random.NextBelow(90), 'j') + "\n";
    const std::string filler(random.NextBelow(40), 'x');
    text += header ? StrCat(filler, ",", i) : StrCat(i, ",", filler);
    text += random.NextBelow(5) == 0 ? "\r\n" : "\n";
  }
  return text + "\n# end\n\n";
}

std::vector<float> AllLabels() {
  std::vector<float> labels(kRows);
  std::iota(labels.begin(), labels.end(), 0.0F);
  return labels;
}

struct Case {
  Compression compression;
  std::uint32_t chunk_examples;
  std::uint64_t stride;
  std::uint64_t count;
};

// Every stream of `stride` reads its chunks in runs of `count`; together they must give each
// example once, and say the end exactly when nothing follows.
std::vector<float> UnionOfRuns(FileSystem& files, const FittedSchema& fitted, const Case& how) {
  std::vector<float> labels;
  const auto reader = MakeInputReader(&files, &fitted, {{"in.txt"}, how.chunk_examples, true});
  std::vector<bool> ended(how.stride, false);
  std::uint64_t first = 0;
  while (std::find(ended.begin(), ended.end(), false) != ended.end() && first < 10000) {
    for (std::uint64_t phase = 0; phase < how.stride; ++phase) {
      const auto run = reader->Read({0, first + phase, how.stride, how.count});
      EXPECT_TRUE(run.ok()) << run.status().ToString();
      if (!run.ok()) return labels;
      EXPECT_TRUE(!ended[phase] || run->examples.examples == 0);
      EXPECT_EQ(run->end_of_file, run->file_fraction == 1.0);
      ended[phase] = run->end_of_file;
      const auto& read = run->examples.labels;
      EXPECT_TRUE(std::is_sorted(read.begin(), read.end()));  // file order
      labels.insert(labels.end(), read.begin(), read.end());
    }
    first += how.stride * how.count;
  }
  std::sort(labels.begin(), labels.end());
  return labels;
}

TEST(Input, ChunksOfAnySizeAndStrideCoverTheFileOnce) {
  for (const bool header : {false, true}) {
    const FittedSchema fitted = Numbered(header);
    for (const Compression compression :
         {Compression::kNone, Compression::kGzip, Compression::kZstd}) {
      MemoryFileSystem files;
      WriteText(files, "in.txt", NumberedText(header), compression);
      for (const std::uint32_t chunk : {1U, 2U, 7U, 64U, 299U, 300U, 301U, 5000U}) {
        for (const std::uint64_t stride : {1U, 2U, 3U, 8U}) {
          for (const std::uint64_t count : {1U, 3U}) {
            const Case how{compression, chunk, stride, count};
            ASSERT_EQ(UnionOfRuns(files, fitted, how), AllLabels())
                << "header " << header << " compression " << static_cast<int>(compression)
                << " chunk " << chunk << " stride " << stride << " count " << count;
          }
        }
      }
    }
  }
}

TEST(Input, ARunIsTheSameForEveryReaderAndOrder) {
  const FittedSchema fitted = Numbered(false);
  for (const Compression compression : {Compression::kNone, Compression::kGzip}) {
    MemoryFileSystem files;
    WriteText(files, "in.txt", NumberedText(false), compression);
    const InputOptions options{{"in.txt"}, 10, true};
    const auto forward = MakeInputReader(&files, &fitted, options);
    std::vector<std::vector<float>> chunks;
    for (std::uint64_t i = 0; i < 40; ++i) {
      chunks.push_back(forward->Read({0, i, 1, 1})->examples.labels);
    }
    const auto backward = MakeInputReader(&files, &fitted, options);
    for (std::uint64_t i = 40; i-- > 0;) {
      EXPECT_EQ(backward->Read({0, i, 1, 1})->examples.labels, chunks[i]) << i;
    }
  }
}

TEST(Input, AscendingRunsDecompressOnce) {
  const FittedSchema fitted = Numbered(false);
  std::string text;
  for (int i = 0; i < 20000; ++i) text += StrCat(i, ",", i * 7919, "\n");
  MemoryFileSystem files;
  WriteText(files, "in.txt", text, Compression::kGzip);
  const auto reader = MakeInputReader(&files, &fitted, {{"in.txt"}, 100, true});
  ASSERT_TRUE(reader->Read({0, 0, 2, 1}).ok());
  ASSERT_TRUE(reader->Read({0, 1, 2, 1}).ok());
  const std::uint64_t before = files.calls();
  std::size_t examples = 0;
  for (std::uint64_t i = 2; i < 200; ++i) {
    const auto run = reader->Read({0, i, 2, 1});
    ASSERT_TRUE(run.ok());
    examples += run->examples.examples;
    EXPECT_EQ(run->end_of_file, i + 2 > 199);
  }
  EXPECT_EQ(examples, 19800U);
  EXPECT_LT(files.calls() - before, 20U);  // reads of a few buffers; no file is opened again
}

TEST(Input, ErrorsInLaterChunksHaveTheLineOfTheFile) {
  const FittedSchema fitted = Numbered(false);
  std::string text;
  for (int i = 0; i < 1000; ++i) text += StrCat(i == 876 ? "bad" : "1", ",x\n");
  for (const Compression compression : {Compression::kNone, Compression::kZstd}) {
    MemoryFileSystem files;
    WriteText(files, "in.txt", text, compression);
    const auto reader = MakeInputReader(&files, &fitted, {{"in.txt"}, 10, true});
    std::string message;
    for (std::uint64_t i = 0; i < 100 && message.empty(); ++i) {
      message = reader->Read({0, i, 1, 1}).status().message();
    }
    EXPECT_EQ(message.substr(0, 40), "in.txt:877:1: column \"n\": \"bad\" is not a");
    EXPECT_EQ(MakeInputReader(&files, &fitted, {{"in.txt"}, 10, true})
                  ->Read({0, 0, 1, 200})
                  .status()
                  .message(),
              message);
  }
}

// Large enough for the thread that decompresses ahead; errors come where they are in the file.
TEST(Input, LargeCompressedFilesGiveTheSameBatchesAndErrors) {
  const FittedSchema fitted = Numbered(false);
  constexpr int kLines = 120000;
  std::string text;
  for (int i = 0; i < kLines; ++i) text += StrCat(i, ",", i * 7919LL, "-abcdefgh\n");
  ASSERT_GT(text.size(), std::size_t{2} << 20U);
  for (const Compression compression : {Compression::kGzip, Compression::kZstd}) {
    MemoryFileSystem files;
    WriteText(files, "in.txt", text);
    WriteText(files, "packed", text, compression);
    const auto bytes = ReadWholeFile(files, "packed", 1U << 30U);
    WriteText(files, "cut", std::string_view(*bytes).substr(0, bytes->size() - 20));
    const InputOptions options{{"in.txt", "packed", "cut"}, 1000, true};
    const auto reader = MakeInputReader(&files, &fitted, options);
    const auto plain = reader->Read({0, 0, 1, 1U << 20U});
    ASSERT_TRUE(plain.ok());
    std::vector<float> labels;
    std::vector<Key> keys;
    for (std::uint64_t first = 0; first < kLines / 1000; first += 5) {
      const auto run = reader->Read({1, first, 1, 5});
      ASSERT_TRUE(run.ok()) << run.status().ToString();
      labels.insert(labels.end(), run->examples.labels.begin(), run->examples.labels.end());
      const auto& read = run->examples.features[0].keys;
      keys.insert(keys.end(), read.begin(), read.end());
      EXPECT_EQ(run->end_of_file, first + 5 >= kLines / 1000);
      if (first >= 50) continue;
      EXPECT_TRUE(reader->Read({2, first, 1, 5}).ok());  // before the cut
    }
    EXPECT_EQ(labels, plain->examples.labels);
    EXPECT_EQ(keys, plain->examples.features[0].keys);
    const Status cut = reader->Read({2, 50, 1, 100}).status();
    EXPECT_EQ(cut.code(), Code::kInvalidInput);
    EXPECT_NE(cut.message().find("cut short"), std::string::npos) << cut.message();
  }
}

TEST(Input, CutOrDamagedFilesAreTheUsersError) {
  const FittedSchema fitted = Numbered(false);
  MemoryFileSystem files;
  WriteText(files, "whole.gz", NumberedText(false), Compression::kGzip);
  const auto bytes = ReadWholeFile(files, "whole.gz", 1U << 20U);
  ASSERT_TRUE(bytes.ok());
  WriteText(files, "cut.gz", std::string_view(*bytes).substr(0, bytes->size() - 20));
  const auto reader = MakeInputReader(&files, &fitted, {{"cut.gz"}, 1000, true});
  const Status status = reader->Read({0, 0, 1, 10}).status();
  EXPECT_EQ(status.code(), Code::kInvalidInput);
  EXPECT_EQ(status.message().substr(0, 6), "cut.gz");
  EXPECT_NE(status.message().find("cut short"), std::string::npos);
}

TEST(Input, ExpandFilesNamesWhatIsWrong) {
  MemoryFileSystem files;
  ASSERT_TRUE(files.MakeDirectory("d").ok());
  WriteText(files, "d/a.csv", "1");
  WriteText(files, "d/b.csv", "2");
  WriteText(files, "d/empty", "");
  EXPECT_EQ(*ExpandFiles(files, {"d/b.csv", "d/*.csv"}),
            (std::vector<std::string>{"d/b.csv", "d/a.csv", "d/b.csv"}));
  const auto error = [&files](const std::string& pattern) {
    return ExpandFiles(files, {pattern}).status().ToString();
  };
  EXPECT_EQ(error("d/c.csv"), "invalid input: d/c.csv: there is no such file");
  EXPECT_EQ(error("d/*.tsv"), "invalid input: d/*.tsv: no file matches this pattern");
  EXPECT_EQ(error("d/empty"), "invalid input: d/empty: the file is empty; it must hold examples");
}

TEST(Input, RunsFarBeyondTheEndAreEmpty) {
  const FittedSchema fitted = Numbered(false);
  for (const Compression compression : {Compression::kNone, Compression::kGzip}) {
    MemoryFileSystem files;
    WriteText(files, "in.txt", "1,a\n2,b", compression);
    const auto reader = MakeInputReader(&files, &fitted, {{"in.txt"}, 4000000000U, true});
    for (const std::uint64_t first : {std::uint64_t{1}, UINT64_MAX / 2, UINT64_MAX}) {
      const auto run = reader->Read({0, first, 1, UINT64_MAX});
      ASSERT_TRUE(run.ok());
      EXPECT_EQ(run->examples.examples, 0U);
      EXPECT_TRUE(run->end_of_file);
    }
    EXPECT_EQ(reader->Read({0, 0, UINT64_MAX, 1})->examples.examples, 2U);
  }
}

}  // namespace
}  // namespace rookery
