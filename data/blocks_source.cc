// Chunks of a prepared file: its blocks.
#include <utility>

#include "data/block_file.h"
#include "data/input_source.h"

namespace rookery {
namespace {

class BlocksSource final : public InputSource {
 public:
  explicit BlocksSource(std::unique_ptr<BlockFile> file)
      : file_(std::move(file)), decoder_(ShapeOf(file_->fitted().schema)) {
    for (std::uint64_t block = 0; block < file_->blocks(); ++block) {
      if (file_->ExamplesOf(block) > 0) used_blocks_ = block + 1;
    }
  }

  StatusOr<RunResult> Read(const ChunkRun& run, Batch memory) override {
    RunResult result;
    result.examples = std::move(memory);
    std::size_t examples = 0;
    for (std::uint64_t i = 0; i < run.count && BlockOf(run, i) < used_blocks_; ++i) {
      examples += file_->ExamplesOf(BlockOf(run, i));
    }
    decoder_.Begin(examples, &result.examples);
    for (std::uint64_t i = 0; i < run.count && BlockOf(run, i) < used_blocks_; ++i) {
      ROOKERY_RETURN_IF_ERROR(file_->Read(BlockOf(run, i), &decoder_));
    }
    decoder_.Finish();
    const std::uint64_t next = BlockOf(run, run.count);
    result.end_of_file = next >= used_blocks_;
    result.file_fraction =
        result.end_of_file ? 1.0 : static_cast<double>(next) / static_cast<double>(used_blocks_);
    return result;
  }

 private:
  static std::uint64_t BlockOf(const ChunkRun& run, std::uint64_t index) {
    return SaturatingSum(run.first, SaturatingProduct(index, run.stride));
  }

  const std::unique_ptr<BlockFile> file_;
  BlockDecoder decoder_;
  std::uint64_t used_blocks_ = 0;  // all blocks behind these are empty
};

}  // namespace

StatusOr<std::unique_ptr<InputSource>> OpenBlocksSource(FileSystem* files,
                                                        const FittedSchema& fitted,
                                                        const std::string& path) {
  ROOKERY_ASSIGN_OR_RETURN(std::unique_ptr<BlockFile> file, BlockFile::Open(*files, path));
  ROOKERY_RETURN_IF_ERROR(file->CheckSchema(fitted));
  return std::unique_ptr<InputSource>(std::make_unique<BlocksSource>(std::move(file)));
}

}  // namespace rookery
