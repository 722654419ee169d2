#include "io/line_reader.h"

#include <algorithm>
#include <span>
#include <utility>

#include "common/check.h"
#include "io/compressed_stream.h"

namespace rookery {
namespace {

constexpr std::size_t kPieceBytes = std::size_t{256} << 10;
// How much is read at a time beyond a range's end, to finish its last line.
constexpr std::size_t kOverrunBytes = std::size_t{16} << 10;

// A plain file from `position` on, which knows that most of what lies beyond `end` is not needed.
class RangeFile final : public SequentialFile {
 public:
  RangeFile(std::unique_ptr<RandomAccessFile> file, std::uint64_t position, std::uint64_t end)
      : file_(std::move(file)), position_(position), end_(end) {}

  StatusOr<std::size_t> Read(std::span<std::byte> bytes) override {
    const std::uint64_t useful = position_ < end_ ? end_ - position_ : kOverrunBytes;
    const std::uint64_t left = file_->size() - position_;
    const auto count =
        static_cast<std::size_t>(std::min({std::uint64_t{bytes.size()}, useful, left}));
    ROOKERY_RETURN_IF_ERROR(file_->ReadAt(position_, bytes.first(count)));
    position_ += count;
    return count;
  }

 private:
  std::unique_ptr<RandomAccessFile> file_;
  std::uint64_t position_;
  std::uint64_t end_;
};

// The first byte in [begin, end) that starts a line; `end` when there is none.
StatusOr<std::uint64_t> FirstLineStart(const RandomAccessFile& file, std::uint64_t begin,
                                       std::uint64_t end) {
  if (begin == 0) return std::uint64_t{0};
  std::vector<std::byte> piece(kPieceBytes);
  std::uint64_t position = begin - 1;
  while (position + 1 < end) {
    const auto count =
        static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), end - 1 - position));
    ROOKERY_RETURN_IF_ERROR(file.ReadAt(position, std::span(piece).first(count)));
    const void* const newline = std::memchr(piece.data(), '\n', count);
    if (newline != nullptr) {
      return position + 1 +
             static_cast<std::uint64_t>(static_cast<const std::byte*>(newline) - piece.data());
    }
    position += count;
  }
  return end;
}

}  // namespace

LineReader::LineReader(std::unique_ptr<SequentialFile> file, std::string path,
                       const LineReaderOptions& options)
    : file_(std::move(file)),
      path_(std::move(path)),
      line_bytes_max_(options.line_bytes_max),
      end_(options.end),
      buffer_(options.buffer_bytes + kPaddingBytes),
      buffer_offset_(options.begin) {
  ROOKERY_CHECK(options.buffer_bytes > 0);
}

bool LineReader::NextSlow(std::string_view& line) {
  while (next_offset() < end_) {
    const std::size_t scanned = filled_ - next_;          // there is no newline in them
    if (scanned > line_bytes_max_ + 1) return TooLong();  // 1 for a \r
    const StatusOr<std::size_t> count = Fill();
    if (!count.ok()) return Fail(count.status());
    if (*count == 0) return scanned > 0 && Take(line, scanned, 0);
    const char* const fresh = buffer_.data() + next_ + scanned;
    const void* const newline = std::memchr(fresh, '\n', *count);
    if (newline != nullptr) {
      return Take(line,
                  scanned + static_cast<std::size_t>(static_cast<const char*>(newline) - fresh), 1);
    }
  }
  return false;
}

StatusOr<std::size_t> LineReader::Fill() {
  if (next_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + next_, filled_ - next_);
    buffer_offset_ += next_;
    filled_ -= std::exchange(next_, 0);
  }
  if (filled_ + kPaddingBytes == buffer_.size()) buffer_.resize(2 * buffer_.size());
  const std::size_t room = buffer_.size() - kPaddingBytes - filled_;
  ROOKERY_ASSIGN_OR_RETURN(
      const std::size_t count,
      file_->Read(std::as_writable_bytes(std::span(buffer_).subspan(filled_, room))));
  filled_ += count;
  return count;
}

bool LineReader::TooLong() {
  return Fail(InvalidInput(path_, ":", line_number_ + 1, ": line is longer than ", line_bytes_max_,
                           " bytes; it starts at byte ", next_offset()));
}

bool LineReader::Fail(Status status) {
  status_ = std::move(status);
  end_ = 0;  // nothing is given any more
  return false;
}

StatusOr<std::unique_ptr<LineReader>> OpenLines(FileSystem& files, const std::string& path) {
  ROOKERY_ASSIGN_OR_RETURN(auto file, OpenDecompressed(files, path));
  return std::make_unique<LineReader>(std::move(file), path);
}

StatusOr<std::unique_ptr<LineReader>> OpenLineRange(FileSystem& files, const std::string& path,
                                                    std::uint64_t begin, std::uint64_t end,
                                                    std::size_t line_bytes_max) {
  ROOKERY_ASSIGN_OR_RETURN(auto file, files.OpenRandomAccess(path));
  end = std::min(end, file->size());
  begin = std::min(begin, end);
  LineReaderOptions options;
  ROOKERY_ASSIGN_OR_RETURN(options.begin, FirstLineStart(*file, begin, end));
  options.end = end;
  options.line_bytes_max = line_bytes_max;
  auto range = std::make_unique<RangeFile>(std::move(file), options.begin, end);
  return std::make_unique<LineReader>(std::move(range), path, options);
}

StatusOr<std::uint64_t> LineNumberAt(FileSystem& files, const std::string& path,
                                     std::uint64_t offset) {
  ROOKERY_ASSIGN_OR_RETURN(const auto file, OpenDecompressed(files, path));
  std::vector<std::byte> piece(kPieceBytes);
  std::uint64_t number = 1;
  while (offset > 0) {
    const std::size_t wanted =
        static_cast<std::size_t>(std::min<std::uint64_t>(offset, piece.size()));
    ROOKERY_ASSIGN_OR_RETURN(const std::size_t count, file->Read(std::span(piece).first(wanted)));
    if (count == 0) break;
    number += static_cast<std::uint64_t>(std::count(
        piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count), std::byte{'\n'}));
    offset -= count;
  }
  return number;
}

}  // namespace rookery
