#include "data/prepare.h"

#include <algorithm>
#include <iomanip>
#include <memory>
#include <numeric>
#include <sstream>
#include <utility>

#include "common/random.h"
#include "data/block_file.h"

namespace rookery {
namespace {

// What a batch takes in memory, but for its lists' offsets.
std::uint64_t BytesOf(const Batch& batch) {
  std::uint64_t values = batch.labels.size() + batch.weights.size() + batch.numeric.size();
  for (const FeatureColumn& feature : batch.features) {
    values += 2 * feature.keys.size() + feature.offsets.size() + feature.weights.size();
  }
  return values * sizeof(float);
}

class Preparation {
 public:
  Preparation(FileSystem& files, const FittedSchema& fitted, const PrepareOptions& options)
      : files_(files),
        fitted_(fitted),
        options_(options),
        reader_(MakeInputReader(&files, &fitted, options.input)) {}

  StatusOr<PrepareReport> Run() {
    const auto count = static_cast<std::uint32_t>(options_.input.files.size());
    for (ChunkRun run; run.file < count; ++run.file) {
      if (options_.shuffle_bytes == 0) ROOKERY_RETURN_IF_ERROR(OpenNext());
      bool more = true;
      for (run.first = 0; more; ++run.first) {
        ROOKERY_ASSIGN_OR_RETURN(RunResult result, reader_->Read(run));
        more = !result.end_of_file;
        examples_ += result.examples.examples;
        ROOKERY_RETURN_IF_ERROR(Add(std::move(result.examples)));
        if (options_.progress) {
          options_.progress({examples_, (run.file + result.file_fraction) / count});
        }
      }
      if (options_.shuffle_bytes == 0) ROOKERY_RETURN_IF_ERROR(CloseFile());
    }
    if (!window_.empty()) ROOKERY_RETURN_IF_ERROR(WriteWindow());
    return report_;
  }

 private:
  Status Add(Batch chunk) {
    if (options_.shuffle_bytes == 0) {
      ROOKERY_RETURN_IF_ERROR(Append(chunk));
      reader_->Recycle(std::move(chunk));
      return OkStatus();
    }
    window_bytes_ += BytesOf(chunk);
    window_examples_ += chunk.examples;
    window_.push_back(std::move(chunk));
    return window_bytes_ >= options_.shuffle_bytes ? WriteWindow() : OkStatus();
  }

  Status OpenNext() {
    std::ostringstream name;
    name << options_.prefix << '-' << std::setfill('0') << std::setw(5) << report_.files++
         << ".blocks";
    path_ = name.str();
    ROOKERY_ASSIGN_OR_RETURN(
        writer_, BlockFileWriter::Create(files_, path_, fitted_, options_.input.chunk_examples,
                                         options_.compress));
    return OkStatus();
  }
  Status Append(const Batch& chunk) { return Annotate(writer_->Append(chunk), path_); }
  Status CloseFile() {
    ROOKERY_ASSIGN_OR_RETURN(const BlockFileTotals totals, writer_->Finish());
    report_.examples += totals.examples;
    report_.bytes += totals.bytes;
    return OkStatus();
  }

  // All examples of the window in a random order, as a file of its own.
  Status WriteWindow() {
    std::vector<std::uint32_t> order(window_examples_);
    std::iota(order.begin(), order.end(), 0U);
    Random random(options_.seed, Purpose::kShuffle, kPrepareStream, report_.files);
    Shuffle(std::span(order), random);
    std::vector<std::size_t> begins;  // of the chunks
    std::size_t begin = 0;
    for (const Batch& chunk : window_) {
      begins.push_back(begin);
      begin += chunk.examples;
    }
    ROOKERY_RETURN_IF_ERROR(OpenNext());
    Batch block;
    for (std::size_t done = 0; done < order.size(); done += block.examples) {
      const std::size_t size =
          std::min<std::size_t>(options_.input.chunk_examples, order.size() - done);
      ShapeLike(window_.front(), size, &block);
      for (std::size_t i = 0; i < size; ++i) {
        const std::uint32_t row = order[done + i];
        // The last chunk that begins at or before the row; empty ones begin with their successor.
        const auto chunk = static_cast<std::size_t>(
            std::upper_bound(begins.begin(), begins.end(), row) - begins.begin() - 1);
        const auto in_chunk = static_cast<std::uint32_t>(row - begins[chunk]);
        GatherRows(window_[chunk], &in_chunk, 1, i, &block);
      }
      ROOKERY_RETURN_IF_ERROR(Append(block));
    }
    window_.clear();
    window_bytes_ = 0;
    window_examples_ = 0;
    return CloseFile();
  }

  static constexpr std::uint64_t kPrepareStream = ~std::uint64_t{0};  // no epoch of training

  FileSystem& files_;
  const FittedSchema& fitted_;
  const PrepareOptions& options_;
  const std::unique_ptr<InputReader> reader_;
  std::unique_ptr<BlockFileWriter> writer_;
  std::string path_;  // of writer_
  std::uint64_t examples_ = 0;
  PrepareReport report_;
  std::vector<Batch> window_;
  std::uint64_t window_bytes_ = 0;
  std::size_t window_examples_ = 0;
};

}  // namespace

StatusOr<PrepareReport> PrepareFiles(FileSystem& files, const FittedSchema& fitted,
                                     const PrepareOptions& options) {
  return Preparation(files, fitted, options).Run();
}

}  // namespace rookery
