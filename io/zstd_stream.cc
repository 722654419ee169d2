#include "io/zstd_stream.h"

#include <zstd.h>

#include <span>
#include <utility>
#include <vector>

#include "common/check.h"

namespace rookery {
namespace {

constexpr int kLevel = 1;

class ZstdReader final : public SequentialFile {
 public:
  explicit ZstdReader(CompressedInput input)
      : input_(std::move(input)), context_(ZSTD_createDCtx()) {
    ROOKERY_CHECK(context_ != nullptr);
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
  // One round of decompression; `count` is what it gave, perhaps nothing. zstd keeps memory below
  // 128 MiB whatever window the file asks for (ZSTD_d_windowLogMax).
  Status Step(std::span<std::byte> bytes, std::size_t& count) {
    std::span<const std::byte> input;
    if (!output_waits_) {
      ROOKERY_ASSIGN_OR_RETURN(input, input_.Peek());
      if (input.empty() && inside_frame_) {
        return input_.Damaged("zstd stream ends inside a frame; the file was cut short");
      }
      ended_ = input.empty();
      if (ended_) return OkStatus();
    }
    ZSTD_inBuffer in{input.data(), input.size(), 0};
    ZSTD_outBuffer out{bytes.data(), bytes.size(), 0};
    const std::size_t result = ZSTD_decompressStream(context_.get(), &out, &in);
    input_.Consume(in.pos);
    count = out.pos;
    if (ZSTD_isError(result) != 0) {
      count = 0;
      return input_.Damaged("zstd stream is damaged: ", ZSTD_getErrorName(result));
    }
    inside_frame_ = result != 0;
    output_waits_ = inside_frame_ && out.pos == out.size;
    return OkStatus();
  }

  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  CompressedInput input_;
  std::unique_ptr<ZSTD_DCtx, Free> context_;
  Status failure_;
  bool inside_frame_ = false;
  bool output_waits_ = false;  // the last call filled its room: more may come without input
  bool ended_ = false;
};

class ZstdWriter final : public WritableFile {
 public:
  ZstdWriter(std::unique_ptr<WritableFile> file, std::string path)
      : file_(std::move(file)),
        path_(std::move(path)),
        context_(ZSTD_createCCtx()),
        output_(ZSTD_CStreamOutSize()) {
    ROOKERY_CHECK(context_ != nullptr);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  }

  Status Append(std::span<const std::byte> bytes) override {
    return bytes.empty() ? OkStatus() : Compress(bytes, ZSTD_e_continue);
  }
  Status Sync() override {
    ROOKERY_RETURN_IF_ERROR(Compress({}, ZSTD_e_flush));
    return file_->Sync();
  }
  Status Close() override {
    ROOKERY_RETURN_IF_ERROR(Compress({}, ZSTD_e_end));
    return file_->Close();
  }

 private:
  // Takes all of `bytes`; writes what is ready.
  Status Compress(std::span<const std::byte> bytes, ZSTD_EndDirective directive) {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    bool finished = false;
    while (!finished) {
      ZSTD_outBuffer out{output_.data(), output_.size(), 0};
      const std::size_t waiting = ZSTD_compressStream2(context_.get(), &out, &in, directive);
      if (ZSTD_isError(waiting) != 0) {
        return IoError(path_, ": cannot compress: ", ZSTD_getErrorName(waiting));
      }
      if (out.pos > 0) ROOKERY_RETURN_IF_ERROR(file_->Append(std::span(output_).first(out.pos)));
      finished = directive == ZSTD_e_continue ? in.pos == in.size : waiting == 0;
    }
    return OkStatus();
  }

  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<WritableFile> file_;
  std::string path_;
  std::unique_ptr<ZSTD_CCtx, Free> context_;
  std::vector<std::byte> output_;
};

}  // namespace

StatusOr<std::unique_ptr<SequentialFile>> ReadZstd(CompressedInput input) {
  return std::unique_ptr<SequentialFile>(std::make_unique<ZstdReader>(std::move(input)));
}

StatusOr<std::unique_ptr<WritableFile>> WriteZstd(std::unique_ptr<WritableFile> file,
                                                  const std::string& path) {
  return std::unique_ptr<WritableFile>(std::make_unique<ZstdWriter>(std::move(file), path));
}

}  // namespace rookery
