// InputSource: the chunks of one file; see data/input.h for what a chunk is. Private to data/.
//
// Owner    `files` and `fitted` outlive it. Threads: none.
// Errors   kInvalidInput with "path:line:column: what; what would be right"; an error of the disk
//          keeps its own code.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "common/error.h"
#include "data/input.h"
#include "data/line_parser.h"
#include "io/compressed_stream.h"
#include "io/file_system.h"
#include "io/line_reader.h"

namespace rookery {

class InputSource {
 public:
  virtual ~InputSource() = default;
  // `memory`: a batch whose content does not matter, for the result.
  [[nodiscard]] virtual StatusOr<RunResult> Read(const ChunkRun& run, Batch memory) = 0;
};

// Reads the head of the file: the header and the mean length of a line, or the schema of a prepared
// file.
[[nodiscard]] StatusOr<std::unique_ptr<InputSource>> OpenInputSource(FileSystem* files,
                                                                     const FittedSchema* fitted,
                                                                     const InputOptions& options,
                                                                     const std::string& path);

inline constexpr std::uint64_t kNowhere = std::numeric_limits<std::uint64_t>::max();

// What the first lines tell.
struct FileHead {
  std::uint64_t header_offset = kNowhere;  // of the line that names the columns
  double line_bytes = 1;                   // mean, with the line's end
};

// What a reader of lines reports, as the user's error where it is one.
[[nodiscard]] Status InputError(const Status& status);

// One file's parser with what both kinds of source do with it.
struct FileParser {
  FileParser(FileSystem* file_system, const FittedSchema* fitted, const InputOptions& options,
             std::string file_path)
      : files(file_system), path(std::move(file_path)), parser(fitted, options.label_required) {}

  [[nodiscard]] Status ReadHead(bool header);
  [[nodiscard]] bool IsExample(std::string_view line, std::uint64_t offset) const;
  // Appends the examples of `line`, which `lines` gave last, and of lines behind it that `lines`
  // has in memory; *taken says how many lines, 1 to lines_max.
  [[nodiscard]] Status Append(std::string_view line, std::uint64_t lines_max, LineReader* lines,
                              Batch* batch, std::uint64_t* taken);
  // The error of the parser for a line at `offset` of the (decompressed) file.
  [[nodiscard]] Status ErrorAt(std::uint64_t offset) const;

  FileSystem* const files;
  const std::string path;
  LineParser parser;
  FileHead head;

  // Of Append.
  std::vector<std::string_view> block;
  std::vector<std::uint64_t> block_offsets;
};

// The line without the mark that some editors put at the start of a UTF-8 file.
[[nodiscard]] std::string_view WithoutByteOrderMark(std::string_view line, std::uint64_t offset);

// min(a * b, 2^64 - 1)
[[nodiscard]] constexpr std::uint64_t SaturatingProduct(std::uint64_t a, std::uint64_t b) {
  return b != 0 && a > std::numeric_limits<std::uint64_t>::max() / b
             ? std::numeric_limits<std::uint64_t>::max()
             : a * b;
}
[[nodiscard]] constexpr std::uint64_t SaturatingSum(std::uint64_t a, std::uint64_t b) {
  return a + b < a ? std::numeric_limits<std::uint64_t>::max() : a + b;
}

[[nodiscard]] StatusOr<std::unique_ptr<InputSource>> OpenPlainSource(
    std::unique_ptr<FileParser> parser, std::uint32_t chunk_examples);
[[nodiscard]] StatusOr<std::unique_ptr<InputSource>> OpenCompressedSource(
    std::unique_ptr<FileParser> parser, std::uint32_t chunk_examples, Compression compression);
[[nodiscard]] StatusOr<std::unique_ptr<InputSource>> OpenBlocksSource(FileSystem* files,
                                                                      const FittedSchema& fitted,
                                                                      const std::string& path);

}  // namespace rookery
