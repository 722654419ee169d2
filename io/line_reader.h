// LineReader: the lines of a stream as views, at the speed of memory.
//
// A line ends with \n, or with the file; a \r before that is dropped too. Bytes are not judged: NUL
// and invalid UTF-8 pass through.
//
// A plain file can be read in ranges, by several readers: the line that starts at byte o belongs to
// the range with begin <= o < end, so that ranges which cover a file give each line exactly once.
//
// Owner    owns its file and buffer; a view lives until the next call of Next().
// Threads  none.
// Errors   Next() gives false and status() says why: the file's own error, or kInvalidInput for a
//          line over the limit, with path:line and byte. An error stays.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/limits.h"
#include "io/file_system.h"

namespace rookery {

// So many bytes behind each line that LineReader gives may be read; their content means nothing.
inline constexpr std::size_t kPaddingBytes = 16;

struct LineReaderOptions {
  std::size_t buffer_bytes = std::size_t{256} << 10;  // grows up to line_bytes_max
  std::size_t line_bytes_max = kLineBytesMax;         // without the line's end
  std::uint64_t begin = 0;  // offset of the stream's first byte, which begins a line
  std::uint64_t end =
      std::numeric_limits<std::uint64_t>::max();  // lines that start here are not ours
};

class LineReader {
 public:
  LineReader(std::unique_ptr<SequentialFile> file, std::string path,
             const LineReaderOptions& options = {});

  // False at the end and after an error.
  [[nodiscard]] bool Next(std::string_view& line) {
    const char* const begin = buffer_.data() + next_;
    const void* const newline = std::memchr(begin, '\n', filled_ - next_);
    if (newline == nullptr) return NextSlow(line);
    return Take(line, static_cast<std::size_t>(static_cast<const char*>(newline) - begin), 1);
  }
  // Like Next(), but false as well when the line is not in memory yet. The views given by Next()
  // and by calls of this after it live together.
  [[nodiscard]] bool NextInMemory(std::string_view& line) {
    const char* const begin = buffer_.data() + next_;
    const void* const newline = std::memchr(begin, '\n', filled_ - next_);
    if (newline == nullptr) return false;
    return Take(line, static_cast<std::size_t>(static_cast<const char*>(newline) - begin), 1);
  }
  [[nodiscard]] const Status& status() const { return status_; }

  // Of the line given last: its number, from 1 at options.begin, and the offset of its first byte
  // (in the decompressed stream).
  [[nodiscard]] std::uint64_t line_number() const { return line_number_; }
  [[nodiscard]] std::uint64_t line_offset() const { return line_offset_; }
  // Where the next line starts: begin there to go on later.
  [[nodiscard]] std::uint64_t next_offset() const { return buffer_offset_ + next_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  // The line of `bytes` bytes at next_; newline_bytes follow it.
  bool Take(std::string_view& line, std::size_t bytes, std::size_t newline_bytes) {
    if (next_offset() >= end_) return false;
    const char* const begin = buffer_.data() + next_;
    line = {begin, bytes};
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.size() > line_bytes_max_) return TooLong();
    line_offset_ = next_offset();
    ++line_number_;
    next_ += bytes + newline_bytes;
    return true;
  }
  bool NextSlow(std::string_view& line);
  bool TooLong();
  bool Fail(Status status);
  // Reads behind the bytes not taken yet, which move to the front. 0 at the end of the file.
  StatusOr<std::size_t> Fill();

  std::unique_ptr<SequentialFile> file_;
  std::string path_;
  std::size_t line_bytes_max_;
  std::uint64_t end_;
  std::vector<char> buffer_;     // its last kPaddingBytes stay free
  std::uint64_t buffer_offset_;  // of buffer_[0] in the stream
  std::size_t filled_ = 0;
  std::size_t next_ = 0;  // where the next line starts in buffer_
  std::uint64_t line_offset_ = 0;
  std::uint64_t line_number_ = 0;
  Status status_;
};

// All lines of a plain, gzip or zstd file.
[[nodiscard]] StatusOr<std::unique_ptr<LineReader>> OpenLines(FileSystem& files,
                                                              const std::string& path);

// The lines of a plain file that start at a byte o with begin <= o < end. Line numbers count from
// the first of them: LineNumberAt() gives the number in the file, for messages.
[[nodiscard]] StatusOr<std::unique_ptr<LineReader>> OpenLineRange(
    FileSystem& files, const std::string& path, std::uint64_t begin, std::uint64_t end,
    std::size_t line_bytes_max = kLineBytesMax);

// The number, from 1, of the line that holds byte `offset` of a plain or compressed file. Reads the
// file up to there.
[[nodiscard]] StatusOr<std::uint64_t> LineNumberAt(FileSystem& files, const std::string& path,
                                                   std::uint64_t offset);

}  // namespace rookery
