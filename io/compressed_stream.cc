#include "io/compressed_stream.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "io/compressed_input.h"
#include "io/gzip_stream.h"
#include "io/zstd_stream.h"

namespace rookery {
namespace {

constexpr std::size_t kHeadBytes = 4;

// The first bytes; fewer when the file is shorter.
StatusOr<std::vector<std::byte>> ReadHead(SequentialFile& file) {
  std::vector<std::byte> head(kHeadBytes);
  std::size_t filled = 0;
  while (filled < head.size()) {
    ROOKERY_ASSIGN_OR_RETURN(const std::size_t count, file.Read(std::span(head).subspan(filled)));
    if (count == 0) break;
    filled += count;
  }
  head.resize(filled);
  return head;
}

bool BeginsWith(std::span<const std::byte> head, std::string_view magic) {
  return head.size() >= magic.size() && std::memcmp(head.data(), magic.data(), magic.size()) == 0;
}

Compression CompressionOf(std::span<const std::byte> head) {
  if (BeginsWith(head, "\x1f\x8b")) return Compression::kGzip;
  if (BeginsWith(head, "\x28\xb5\x2f\xfd")) return Compression::kZstd;
  // A zstd file may begin with a skippable frame, 0x184D2A50 to 0x184D2A5F.
  if (head.size() == kHeadBytes && (head[0] & std::byte{0xf0}) == std::byte{0x50} &&
      BeginsWith(head.subspan(1), "\x2a\x4d\x18")) {
    return Compression::kZstd;
  }
  return Compression::kNone;
}

// A plain file whose head was already read.
class PlainReader final : public SequentialFile {
 public:
  PlainReader(std::unique_ptr<SequentialFile> file, std::vector<std::byte> head)
      : file_(std::move(file)), head_(std::move(head)) {}

  StatusOr<std::size_t> Read(std::span<std::byte> bytes) override {
    if (given_ == head_.size()) return file_->Read(bytes);
    const std::size_t count = std::min(bytes.size(), head_.size() - given_);
    std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(given_), count, bytes.begin());
    given_ += count;
    return count;
  }

 private:
  std::unique_ptr<SequentialFile> file_;
  std::vector<std::byte> head_;
  std::size_t given_ = 0;
};

}  // namespace

StatusOr<Compression> DetectCompression(FileSystem& files, const std::string& path) {
  ROOKERY_ASSIGN_OR_RETURN(const auto file, files.OpenSequential(path));
  ROOKERY_ASSIGN_OR_RETURN(const std::vector<std::byte> head, ReadHead(*file));
  return CompressionOf(head);
}

Compression CompressionOfName(const std::string& path) {
  if (path.ends_with(".gz")) return Compression::kGzip;
  if (path.ends_with(".zst")) return Compression::kZstd;
  return Compression::kNone;
}

StatusOr<std::unique_ptr<SequentialFile>> OpenDecompressed(FileSystem& files,
                                                           const std::string& path) {
  ROOKERY_ASSIGN_OR_RETURN(auto file, files.OpenSequential(path));
  ROOKERY_ASSIGN_OR_RETURN(std::vector<std::byte> head, ReadHead(*file));
  const Compression compression = CompressionOf(head);
  if (compression == Compression::kNone) {
    return std::unique_ptr<SequentialFile>(
        std::make_unique<PlainReader>(std::move(file), std::move(head)));
  }
  CompressedInput input(std::move(file), path, std::move(head));
  return compression == Compression::kGzip ? ReadGzip(std::move(input))
                                           : ReadZstd(std::move(input));
}

StatusOr<std::unique_ptr<WritableFile>> CreateCompressed(FileSystem& files, const std::string& path,
                                                         Compression compression) {
  ROOKERY_ASSIGN_OR_RETURN(auto file, files.Create(path));
  switch (compression) {
    case Compression::kNone:
      return file;
    case Compression::kGzip:
      return WriteGzip(std::move(file), path);
    case Compression::kZstd:
      return WriteZstd(std::move(file), path);
  }
  return Internal(path, ": unknown compression ", static_cast<int>(compression));
}

}  // namespace rookery
