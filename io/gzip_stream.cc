#include "io/gzip_stream.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace rookery {
namespace {

constexpr int kGzipWindowBits = 15 + 16;  // the largest window, and a gzip header
constexpr int kLevel = 1;
constexpr int kMemoryLevel = 8;
constexpr std::size_t kOutputBytes = std::size_t{256} << 10;

// zlib counts in 32 bits.
uInt Clamp(std::size_t bytes) {
  return static_cast<uInt>(std::min<std::size_t>(bytes, std::numeric_limits<uInt>::max()));
}
Bytef* Writable(std::span<std::byte> bytes) {
  return reinterpret_cast<Bytef*>(bytes.data());
}
// zlib reads through this pointer only, but it is not const before ZLIB_CONST.
Bytef* Readable(std::span<const std::byte> bytes) {
  return reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
}
std::string_view Reason(const z_stream& stream) {
  return stream.msg != nullptr ? stream.msg : "out of memory";
}

class GzipReader final : public SequentialFile {
 public:
  explicit GzipReader(CompressedInput input) : input_(std::move(input)) {}
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;
  ~GzipReader() override { inflateEnd(&stream_); }

  Status Begin() {
    if (inflateInit2(&stream_, kGzipWindowBits) == Z_OK) return OkStatus();
    return {Code::kExhausted, StrCat(input_.path(), ": cannot decompress: ", Reason(stream_))};
  }

  StatusOr<std::size_t> Read(std::span<std::byte> bytes) override {
    std::size_t count = 0;
    while (count == 0 && failure_.ok() && !bytes.empty() && !ended_) {
      failure_ = Step(bytes, count);
    }
    if (count > 0 || failure_.ok()) return count;  // a failure is told by the next call
    return failure_;
  }

 private:
  // One round of inflate; `count` is what it gave, perhaps nothing.
  Status Step(std::span<std::byte> bytes, std::size_t& count) {
    ROOKERY_ASSIGN_OR_RETURN(const std::span<const std::byte> input, input_.Peek());
    if (between_members_ && !first_) {
      const std::size_t zeros = LeadingZeros(input);
      input_.Consume(zeros);
      padded_ = padded_ || zeros > 0;
      if (zeros > 0) return OkStatus();
    }
    if (input.empty() && between_members_) {
      ended_ = true;
      return OkStatus();
    }
    if (padded_) return input_.Damaged("bytes that are no gzip after the last member");
    return Inflate(input, bytes, count);
  }

  Status Inflate(std::span<const std::byte> input, std::span<std::byte> bytes, std::size_t& count) {
    between_members_ = first_ = false;
    stream_.next_in = Readable(input);
    stream_.avail_in = Clamp(input.size());
    stream_.next_out = Writable(bytes);
    stream_.avail_out = Clamp(bytes.size());
    const uInt offered_in = stream_.avail_in;
    const uInt offered_out = stream_.avail_out;
    const int result = inflate(&stream_, Z_NO_FLUSH);
    input_.Consume(offered_in - stream_.avail_in);
    count = offered_out - stream_.avail_out;
    switch (result) {
      case Z_OK:
        return OkStatus();
      case Z_STREAM_END:
        between_members_ = true;
        inflateReset(&stream_);
        return OkStatus();
      case Z_BUF_ERROR:  // no progress: at the end of the file there never will be any
        if (!input.empty()) return OkStatus();
        return input_.Damaged("gzip stream ends inside a member; the file was cut short");
      default:
        return input_.Damaged("gzip stream is damaged: ", Reason(stream_));
    }
  }

  static std::size_t LeadingZeros(std::span<const std::byte> bytes) {
    const auto end = std::find_if(bytes.begin(), bytes.end(),
                                  [](std::byte value) { return value != std::byte{0}; });
    return static_cast<std::size_t>(end - bytes.begin());
  }

  CompressedInput input_;
  z_stream stream_{};
  Status failure_;
  bool between_members_ = true;
  bool first_ = true;    // no member was begun
  bool padded_ = false;  // zeros came after a member: nothing else may follow
  bool ended_ = false;
};

class GzipWriter final : public WritableFile {
 public:
  GzipWriter(std::unique_ptr<WritableFile> file, std::string path)
      : file_(std::move(file)), path_(std::move(path)), output_(kOutputBytes) {}
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;
  ~GzipWriter() override { deflateEnd(&stream_); }

  Status Begin() {
    const int result = deflateInit2(&stream_, kLevel, Z_DEFLATED, kGzipWindowBits, kMemoryLevel,
                                    Z_DEFAULT_STRATEGY);
    if (result == Z_OK) return OkStatus();
    return {Code::kExhausted, StrCat(path_, ": cannot compress: ", Reason(stream_))};
  }

  Status Append(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const std::span<const std::byte> piece = bytes.first(Clamp(bytes.size()));
      ROOKERY_RETURN_IF_ERROR(Deflate(piece, Z_NO_FLUSH));
      bytes = bytes.subspan(piece.size());
    }
    return OkStatus();
  }
  Status Sync() override {
    ROOKERY_RETURN_IF_ERROR(Deflate({}, Z_SYNC_FLUSH));
    return file_->Sync();
  }
  Status Close() override {
    ROOKERY_RETURN_IF_ERROR(Deflate({}, Z_FINISH));
    return file_->Close();
  }

 private:
  // Takes all of `bytes`; writes what is ready.
  Status Deflate(std::span<const std::byte> bytes, int flush) {
    stream_.next_in = Readable(bytes);
    stream_.avail_in = Clamp(bytes.size());
    do {
      stream_.next_out = Writable(output_);
      stream_.avail_out = Clamp(output_.size());
      if (deflate(&stream_, flush) == Z_STREAM_ERROR) {
        return IoError(path_, ": cannot compress: ", Reason(stream_));
      }
      const std::size_t ready = output_.size() - stream_.avail_out;
      if (ready > 0) ROOKERY_RETURN_IF_ERROR(file_->Append(std::span(output_).first(ready)));
    } while (stream_.avail_out == 0);
    return OkStatus();
  }

  std::unique_ptr<WritableFile> file_;
  std::string path_;
  z_stream stream_{};
  std::vector<std::byte> output_;
};

}  // namespace

StatusOr<std::unique_ptr<SequentialFile>> ReadGzip(CompressedInput input) {
  auto reader = std::make_unique<GzipReader>(std::move(input));
  ROOKERY_RETURN_IF_ERROR(reader->Begin());
  return std::unique_ptr<SequentialFile>(std::move(reader));
}

StatusOr<std::unique_ptr<WritableFile>> WriteGzip(std::unique_ptr<WritableFile> file,
                                                  const std::string& path) {
  auto writer = std::make_unique<GzipWriter>(std::move(file), path);
  ROOKERY_RETURN_IF_ERROR(writer->Begin());
  return std::unique_ptr<WritableFile>(std::move(writer));
}

}  // namespace rookery
