// Input: the files of one set (train, valid, test) cut into chunks that can be read again at will.
//
// A chunk is a fixed part of a file: of a plain file, the lines that begin in [b * chunk bytes,
// (b + 1) * chunk bytes); of a compressed file, the lines [b * chunk_examples, (b + 1) *
// chunk_examples). Chunk bytes = chunk_examples x the mean length of the first lines. So chunks
// depend on the file alone, not on who reads them, and a lease (protocol/scheduler_messages.h)
// names a run of them: first, first + stride, ... Of a prepared file (data/block_file.h, known by
// its first bytes) a chunk is a block.
//
// Owner    one InputReader per reader thread; it keeps a decompressor open per stream so that
//          ascending chunks of a compressed file are read in one pass.
// Threads  none: one thread calls it.
// Errors   kInvalidInput with "file:line:column: what; what would be right".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/error.h"
#include "data/batch.h"
#include "data/transform.h"
#include "io/file_system.h"

namespace rookery {

struct InputOptions {
  std::vector<std::string> files;  // expanded, in order
  std::uint32_t chunk_examples = 1024;
  bool label_required = true;  // predict reads files without labels as well
};

// Expands globs and checks that every pattern names at least one file and no file is empty.
[[nodiscard]] StatusOr<std::vector<std::string>> ExpandFiles(
    FileSystem& files, const std::vector<std::string>& patterns);

struct ChunkRun {
  std::uint32_t file = 0;  // index into InputOptions::files
  std::uint64_t first = 0;
  std::uint64_t stride = 1;
  std::uint64_t count = 1;
  std::uint64_t epoch = 0;  // names random choices; the lines are the same in all
};

struct RunResult {
  Batch examples;            // in file order
  bool end_of_file = false;  // no chunk at or after first + stride * count has an example
  double file_fraction = 0;  // how far into the file this run reached, for progress
};

class InputReader {
 public:
  virtual ~InputReader() = default;
  // Appends nothing past the end: a run beyond the end has 0 examples and end_of_file.
  [[nodiscard]] virtual StatusOr<RunResult> Read(const ChunkRun& run) = 0;
  // Gives back the examples of a run once they are used up; their memory serves a later run.
  virtual void Recycle(Batch examples) = 0;
};

// `fitted` and `files` outlive the reader.
[[nodiscard]] std::unique_ptr<InputReader> MakeInputReader(FileSystem* files,
                                                           const FittedSchema* fitted,
                                                           InputOptions options);

// The schema that shows numbers as they are: every numeric column is an input, without transform, NaN
// where missing; no buckets, crosses and vectors.
[[nodiscard]] FittedSchema RawNumbersOf(const Schema& schema);

// The first pass: statistics and label mean over the first `examples_max` examples of the files
// (quantiles are exact over these). Opens and parses, so it also finds a wrong schema early.
[[nodiscard]] StatusOr<FittedSchema> FitSchema(FileSystem* files, const Schema& resolved,
                                               const InputOptions& options,
                                               std::uint64_t examples_max);

}  // namespace rookery
