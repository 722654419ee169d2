// WriteSynth: a file of made-up clicks (data/teacher.h) with the best score any model can reach.
//
// Threads  one call, one thread. Holds 8 bytes a row for the exact AUC.
// Errors   kInvalidInput for options out of range; those of the disk.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "common/error.h"
#include "data/teacher.h"
#include "io/compressed_stream.h"
#include "io/file_system.h"

namespace rookery {

struct SynthOptions {
  std::string path;
  std::uint64_t rows = 0;  // 1 to 2^32
  std::uint64_t seed = 1;  // of the rows: another one for the test file
  TeacherOptions teacher;  // the same for training and test
  Compression compression = Compression::kNone;
};

struct SynthReport {
  double auc = 0;  // of the teacher on these very rows
  double logloss = 0;
  std::uint64_t rows = 0;
  std::uint64_t positives = 0;
};

// Writes `path` (under another name first: a failed call leaves nothing half-written under it), and
// the report as JSON to path + ".teacher.json".
[[nodiscard]] StatusOr<SynthReport> WriteSynth(FileSystem& files, const SynthOptions& options);

// Area under the ROC curve, ties counted half; .5 when one class is absent. Each value is a
// positive double's bits with the lowest bit replaced by the label. Sorts in place.
[[nodiscard]] double ExactAuc(std::span<std::uint64_t> scored_labels);
[[nodiscard]] std::uint64_t ScoredLabel(double probability, bool label);

}  // namespace rookery
