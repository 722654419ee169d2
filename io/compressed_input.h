// CompressedInput: the compressed bytes of one file, a buffer at a time, with their offset for
// error messages. Used by gzip_stream and zstd_stream only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/error.h"
#include "io/file_system.h"

namespace rookery {

class CompressedInput {
 public:
  static constexpr std::size_t kBufferBytes = std::size_t{256} << 10;

  // `head` was already read from `file`.
  CompressedInput(std::unique_ptr<SequentialFile> file, std::string path,
                  std::vector<std::byte> head)
      : file_(std::move(file)),
        path_(std::move(path)),
        buffer_(std::move(head)),
        end_(buffer_.size()) {}

  // The bytes not consumed yet; reads more when there are none. Empty only at the end of the file.
  StatusOr<std::span<const std::byte>> Peek() {
    if (begin_ == end_) {
      offset_ += end_;
      begin_ = end_ = 0;
      buffer_.resize(kBufferBytes);
      ROOKERY_ASSIGN_OR_RETURN(end_, file_->Read(buffer_));
    }
    return std::span<const std::byte>(buffer_.data() + begin_, end_ - begin_);
  }
  void Consume(std::size_t count) { begin_ += count; }

  // "path: byte N of the compressed file: ..."
  template <class... Parts>
  [[nodiscard]] Status Damaged(const Parts&... parts) const {
    return Corrupt(path_, ": byte ", offset_ + begin_, " of the compressed file: ", parts...);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::unique_ptr<SequentialFile> file_;
  std::string path_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_;
  std::uint64_t offset_ = 0;  // of the buffer's first byte in the file
};

}  // namespace rookery
