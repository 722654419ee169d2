// Any bytes as a plain, gzip or zstd file, read to its end in pieces of two sizes.
#include <array>

#include "io/compressed_stream.h"
#include "io/line_reader.h"
#include "tests/fuzz/memory_disk.h"
#include "tests/fuzz/targets.h"

namespace rookery {
namespace {

// A small file may hold a large text.
constexpr std::size_t kReadMax = std::size_t{1} << 20;

std::string ReadInPieces(FileSystem& files, std::size_t piece_bytes, bool* whole) {
  *whole = false;
  const auto file = OpenDecompressed(files, "in");
  if (!file.ok()) return {};
  std::string text;
  std::vector<std::byte> piece(piece_bytes);
  while (text.size() < kReadMax) {
    const StatusOr<std::size_t> count = (*file)->Read(piece);
    if (!count.ok()) {
      const StatusOr<std::size_t> again = (*file)->Read(piece);
      ROOKERY_CHECK(!again.ok()) << "an error did not stay";
      return text;
    }
    ROOKERY_CHECK(*count <= piece.size());
    text.append(TextOfBytes(std::span(piece).first(*count)));
    if (*count == 0) {
      *whole = true;
      break;
    }
  }
  return text.substr(0, kReadMax);
}

}  // namespace

bool FuzzCompressed(FuzzBytes bytes) {
  MemoryFileSystem files;
  PutFile(files, "in", TextOfBytes(bytes));
  bool whole = false;
  bool whole_again = false;
  const std::string text = ReadInPieces(files, 4096, &whole);
  const std::string again = ReadInPieces(files, 777, &whole_again);
  // Both are cut at kReadMax, or both end well with the same text.
  ROOKERY_CHECK(whole == whole_again || text.size() == kReadMax || again.size() == kReadMax);
  if (whole && whole_again) ROOKERY_CHECK(text == again) << "another text came out";
  auto file = OpenDecompressed(files, "in");
  if (!file.ok()) return false;
  LineReader lines(*std::move(file), "in", {.buffer_bytes = 64, .line_bytes_max = 4096});
  std::string_view line;
  std::size_t total = 0;
  while (total < kReadMax && lines.Next(line)) {
    ROOKERY_CHECK(line.size() <= 4096);
    total += line.size() + 1;
  }
  return whole;
}

FuzzSeeds SeedsOfCompressed() {
  FuzzSeeds seeds = {"one line\nanother\r\n"};
  for (const Compression kind : {Compression::kGzip, Compression::kZstd}) {
    MemoryFileSystem files;
    for (const std::string& text : {std::string("a\nb\n"), std::string(3000, 'x') + "\nend"}) {
      auto file = CreateCompressed(files, "in", kind);
      ROOKERY_CHECK(file.ok() && (*file)->Append(BytesOfText(text)).ok());
      ROOKERY_CHECK((*file)->Close().ok());
      seeds.push_back(TakeFile(files, "in"));
    }
    const std::size_t last = seeds.size() - 1;
    seeds.push_back(seeds[last] + seeds[last - 1]);  // two members are one stream
  }
  return seeds;
}

}  // namespace rookery
