#include "data/input.h"

#include <algorithm>
#include <utility>

#include "common/check.h"
#include "common/limits.h"
#include "data/input_source.h"

namespace rookery {
namespace {

constexpr std::size_t kOpenFilesMax = 16;
constexpr std::size_t kSpareBatchesMax = 4;

class FileSetReader final : public InputReader {
 public:
  FileSetReader(FileSystem* files, const FittedSchema* fitted, InputOptions options)
      : files_(files), fitted_(fitted), options_(std::move(options)) {
    ROOKERY_CHECK(options_.chunk_examples > 0);
  }

  StatusOr<RunResult> Read(const ChunkRun& run) override {
    ROOKERY_CHECK(run.file < options_.files.size() && run.stride > 0);
    ROOKERY_ASSIGN_OR_RETURN(InputSource * source, SourceOf(run.file));
    Batch memory;
    if (!spare_.empty()) {
      memory = std::move(spare_.back());
      spare_.pop_back();
    }
    return source->Read(run, std::move(memory));
  }
  void Recycle(Batch examples) override {
    if (spare_.size() < kSpareBatchesMax) spare_.push_back(std::move(examples));
  }

 private:
  struct OpenFile {
    std::uint32_t file;
    std::unique_ptr<InputSource> source;
  };

  StatusOr<InputSource*> SourceOf(std::uint32_t file) {
    const auto found = std::find_if(open_.begin(), open_.end(),
                                    [file](const OpenFile& open) { return open.file == file; });
    if (found != open_.end()) {
      std::rotate(found, found + 1, open_.end());
      return open_.back().source.get();
    }
    if (open_.size() == kOpenFilesMax) open_.erase(open_.begin());
    ROOKERY_ASSIGN_OR_RETURN(auto source,
                             OpenInputSource(files_, fitted_, options_, options_.files[file]));
    open_.push_back({file, std::move(source)});
    return open_.back().source.get();
  }

  // Constant after construction.
  FileSystem* const files_;
  const FittedSchema* const fitted_;
  const InputOptions options_;

  std::vector<OpenFile> open_;  // the one used latest is last
  std::vector<Batch> spare_;
};

}  // namespace

StatusOr<std::vector<std::string>> ExpandFiles(FileSystem& files,
                                               const std::vector<std::string>& patterns) {
  std::vector<std::string> expanded;
  for (const std::string& pattern : patterns) {
    ROOKERY_ASSIGN_OR_RETURN(const std::vector<std::string> paths, files.Glob(pattern));
    if (paths.empty()) {
      const bool wildcard = pattern.find_first_of("*?[") != std::string::npos;
      return InvalidInput(pattern,
                          wildcard ? ": no file matches this pattern" : ": there is no such file");
    }
    for (const std::string& path : paths) {
      ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t bytes, files.FileSize(path));
      if (bytes == 0) return InvalidInput(path, ": the file is empty; it must hold examples");
      expanded.push_back(path);
    }
  }
  if (expanded.size() > kFilesMax) {
    return InvalidInput(expanded.size(), " input files; the most is ", kFilesMax);
  }
  return expanded;
}

std::unique_ptr<InputReader> MakeInputReader(FileSystem* files, const FittedSchema* fitted,
                                             InputOptions options) {
  return std::make_unique<FileSetReader>(files, fitted, std::move(options));
}

}  // namespace rookery
