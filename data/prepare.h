// Preparing: the text files of a job -> prepared files (data/block_file.h) with the same examples
// in the same chunks, so that training from them gives the same bits; or shuffled.
//
// Threads  one. Errors: those of reading the text, with file:line:column, and of writing.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/error.h"
#include "data/input.h"
#include "data/transform.h"
#include "io/file_system.h"

namespace rookery {

// So far, of one set.
struct PrepareProgress {
  std::uint64_t examples = 0;
  double fraction = 0;  // of the files
};

struct PrepareOptions {
  InputOptions input;
  std::string prefix;  // files are PREFIX-00000.blocks, ...
  bool compress = false;
  // Not 0: examples are shuffled within windows of so many bytes in memory, one file a window,
  // instead of one file per file of the input.
  std::uint64_t shuffle_bytes = 0;
  std::uint64_t seed = 1;
  std::function<void(const PrepareProgress&)> progress;  // about every block
};

struct PrepareReport {
  std::uint64_t files = 0;
  std::uint64_t examples = 0;
  std::uint64_t bytes = 0;  // of the prepared files
};

[[nodiscard]] StatusOr<PrepareReport> PrepareFiles(FileSystem& files, const FittedSchema& fitted,
                                                   const PrepareOptions& options);

}  // namespace rookery
