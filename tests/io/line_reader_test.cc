#include "io/line_reader.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/random.h"
#include "io/compressed_stream.h"
#include "io/memory_file_system.h"

namespace rookery {
namespace {

using Lines = std::vector<std::string>;

Lines Drain(LineReader& reader) {
  Lines lines;
  std::string_view line;
  while (reader.Next(line)) lines.emplace_back(line);
  EXPECT_FALSE(reader.Next(line)) << "the end stays";
  return lines;
}

class LineReaderTest : public testing::Test {
 protected:
  std::unique_ptr<LineReader> Open(std::string_view content,
                                   const LineReaderOptions& options = {}) {
    EXPECT_TRUE(WriteFileAtomically(files_, "f", content).ok());
    return std::make_unique<LineReader>(*files_.OpenSequential("f"), "f", options);
  }
  Lines Read(std::string_view content, std::size_t buffer_bytes = 100) {
    auto reader = Open(content, {.buffer_bytes = buffer_bytes});
    Lines lines = Drain(*reader);
    EXPECT_TRUE(reader->status().ok());
    return lines;
  }
  Lines Range(std::uint64_t begin, std::uint64_t end) {
    auto reader = OpenLineRange(files_, "f", begin, end);
    EXPECT_TRUE(reader.ok()) << reader.status().ToString();
    return Drain(**reader);
  }

  MemoryFileSystem files_;
};

TEST_F(LineReaderTest, SplitsAtNewlines) {
  for (const std::size_t buffer_bytes : {1, 2, 3, 5, 100}) {
    EXPECT_EQ(Read("", buffer_bytes), Lines{});
    EXPECT_EQ(Read("\n", buffer_bytes), Lines{""});
    EXPECT_EQ(Read("a\nbc\n", buffer_bytes), (Lines{"a", "bc"}));
    EXPECT_EQ(Read("a\n\nlast", buffer_bytes), (Lines{"a", "", "last"}));
    EXPECT_EQ(Read("a\r\n\r\nb\rc\r\nd\r", buffer_bytes), (Lines{"a", "", "b\rc", "d"}));
    EXPECT_EQ(Read(std::string_view("a\0b\n\xff\n", 6), buffer_bytes),
              (Lines{std::string("a\0b", 3), "\xff"}));
  }
}

TEST_F(LineReaderTest, CountsLinesAndBytes) {
  auto reader = Open("ab\r\n\ncde", {.buffer_bytes = 2});
  std::string_view line;
  EXPECT_EQ(reader->next_offset(), 0U);
  const std::uint64_t expected[][3] = {{1, 0, 4}, {2, 4, 5}, {3, 5, 8}};
  for (const auto& [number, offset, next] : expected) {
    ASSERT_TRUE(reader->Next(line));
    EXPECT_EQ(reader->line_number(), number);
    EXPECT_EQ(reader->line_offset(), offset);
    EXPECT_EQ(reader->next_offset(), next);
  }
  EXPECT_FALSE(reader->Next(line));
}

TEST_F(LineReaderTest, TheLimitIsExactAndTheMessageSaysWhere) {
  for (const std::size_t buffer_bytes : {1, 7, 100}) {
    const LineReaderOptions options{.buffer_bytes = buffer_bytes, .line_bytes_max = 4};
    for (const char* content : {"a\n1234\nb", "a\n1234\r\nb", "a\n1234"}) {
      auto reader = Open(content, options);
      EXPECT_EQ(Drain(*reader)[1], "1234") << buffer_bytes;
      EXPECT_TRUE(reader->status().ok());
    }
    for (const char* content : {"a\n12345\nb", "a\n12345\r\nb", "a\n12345", "a\n123456789"}) {
      auto reader = Open(content, options);
      EXPECT_EQ(Drain(*reader), Lines{"a"}) << content;
      EXPECT_EQ(reader->status().ToString(),
                "invalid input: f:2: line is longer than 4 bytes; it starts at byte 2");
    }
  }
}

TEST_F(LineReaderTest, ADiskErrorIsNoEndOfFile) {
  auto reader = Open("a\nb\nc\n", {.buffer_bytes = 4});
  files_.FailAt(2);
  EXPECT_EQ(Drain(*reader), (Lines{"a", "b"}));
  EXPECT_EQ(reader->status().code(), Code::kIo);
}

// Any cut of any file into ranges gives each line once, in order.
TEST_F(LineReaderTest, RangesGiveEachLineOnce) {
  for (const std::string content :
       {"ab\nc\n\nlong line\r\nd", "ab\nc\n\nlong line\r\nd\n", "\n\n\n", "one line", "\na", ""}) {
    const Lines all = Read(content);
    const std::uint64_t size = content.size();
    for (std::uint64_t first = 0; first <= size; ++first) {
      for (std::uint64_t second = first; second <= size; ++second) {
        Lines joined;
        for (const auto& [begin, end] :
             {std::pair{std::uint64_t{0}, first}, {first, second}, {second, size + 9}}) {
          for (std::string& line : Range(begin, end)) joined.push_back(std::move(line));
        }
        EXPECT_EQ(joined, all) << content << " cut at " << first << " and " << second;
      }
    }
  }
}

TEST_F(LineReaderTest, ALineBelongsToTheRangeOfItsFirstByte) {
  ASSERT_TRUE(WriteFileAtomically(files_, "f", "ab\ncd\nef\n").ok());
  EXPECT_EQ(Range(0, 3), Lines{"ab"});
  EXPECT_EQ(Range(0, 4), (Lines{"ab", "cd"}));
  EXPECT_EQ(Range(3, 4), Lines{"cd"});
  EXPECT_EQ(Range(4, 6), Lines{});
  EXPECT_EQ(Range(4, 7), Lines{"ef"});
  EXPECT_EQ(Range(9, 100), Lines{});
  EXPECT_EQ(Range(100, 200), Lines{});
  EXPECT_EQ(Range(6, 2), Lines{});
  auto reader = OpenLineRange(files_, "f", 1, 9);
  std::string_view line;
  ASSERT_TRUE((*reader)->Next(line));
  EXPECT_EQ((*reader)->line_offset(), 3U);
  EXPECT_EQ((*reader)->line_number(), 1U);
  EXPECT_EQ(*LineNumberAt(files_, "f", (*reader)->line_offset()), 2U);
}

TEST_F(LineReaderTest, ALineOverTheLimitIsTheErrorOfItsOwnRangeOnly) {
  const std::string content = "a\n" + std::string(1'000'000, 'x') + "\nb\n";
  ASSERT_TRUE(WriteFileAtomically(files_, "f", content).ok());
  auto own = OpenLineRange(files_, "f", 0, 500, 1000);
  EXPECT_EQ(Drain(**own), Lines{"a"});
  EXPECT_EQ((*own)->status().code(), Code::kInvalidInput);
  auto next = OpenLineRange(files_, "f", 500, content.size(), 1000);
  EXPECT_EQ(Drain(**next), Lines{"b"});
  EXPECT_TRUE((*next)->status().ok());
}

TEST_F(LineReaderTest, RandomTextInSmallBuffersAndRanges) {
  Random random(3, Purpose::kTest);
  std::string content;
  Lines all;
  for (int i = 0; i < 2000; ++i) {
    all.emplace_back(random.NextBelow(300), static_cast<char>('a' + random.NextBelow(26)));
    content += all.back() + (random.NextBelow(2) == 0 ? "\n" : "\r\n");
  }
  EXPECT_EQ(Read(content, 64), all);
  Lines joined;
  for (std::uint64_t begin = 0; begin < content.size(); begin += 10'007) {
    for (std::string& line : Range(begin, begin + 10'007)) joined.push_back(std::move(line));
  }
  EXPECT_EQ(joined, all);
}

TEST_F(LineReaderTest, OpenLinesDecompressesAndReportsACutFile) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += StrCat(i, "\n");
  auto writer = CreateCompressed(files_, "f.gz", Compression::kGzip);
  ASSERT_TRUE((*writer)->Append(std::as_bytes(std::span(text))).ok());
  ASSERT_TRUE((*writer)->Close().ok());
  auto reader = OpenLines(files_, "f.gz");
  const Lines lines = Drain(**reader);
  EXPECT_TRUE((*reader)->status().ok());
  ASSERT_EQ(lines.size(), 100'000U);
  EXPECT_EQ(lines[99'999], "99999");
  EXPECT_EQ(*LineNumberAt(files_, "f.gz", 20), 11U);  // "0\n" ... "9\n" are 20 bytes

  const std::string compressed = *ReadWholeFile(files_, "f.gz", 1 << 20);
  ASSERT_TRUE(WriteFileAtomically(files_, "g", compressed.substr(0, compressed.size() / 2)).ok());
  reader = OpenLines(files_, "g");
  EXPECT_LT(Drain(**reader).size(), 100'000U);
  EXPECT_EQ((*reader)->status().code(), Code::kCorrupt);
  EXPECT_EQ(OpenLines(files_, "absent").status().code(), Code::kNotFound);
  EXPECT_EQ(OpenLineRange(files_, "absent", 0, 1).status().code(), Code::kNotFound);
}

}  // namespace
}  // namespace rookery
