// Golden rows: some raw lines and what an export must make of them. They travel with the export, so
// that whoever receives it can tell whether it still scores as it did where it was made.
//
//   golden.data   the lines, in the format of the training data (with its header line, if any)
//   golden.json   row by row: the keys of every feature (and their weights unless all are 1), the
//                 numeric inputs after transforms, and the score
//
// Threads  one. Errors: kCorrupt names the file and the row; the user's for files that do not
// parse.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "data/batch.h"
#include "data/transform.h"
#include "io/file_system.h"
#include "serving/predictor.h"

namespace rookery {

inline constexpr std::size_t kGoldenRows = 64;
inline constexpr double kGoldenTolerance = 1e-6;

// The first lines of `paths` (expanded) that hold `rows` examples, as the text of golden.data.
[[nodiscard]] StatusOr<std::string> TakeGoldenLines(FileSystem& files, const Schema& schema,
                                                    const std::vector<std::string>& paths,
                                                    std::size_t rows);
// All examples of a file of at most a few thousand lines.
[[nodiscard]] StatusOr<Batch> ReadExamples(FileSystem* files, const FittedSchema& fitted,
                                           const std::string& path);

[[nodiscard]] std::string GoldenToJson(const FeatureLayout& layout, const Batch& batch,
                                       const std::vector<float>& scores);
// Compares what this build makes of the rows with what golden.json says; returns the largest
// difference of a score. Scores and numeric inputs differ by kGoldenTolerance at most (relative
// above 1), keys and list weights not at all.
[[nodiscard]] StatusOr<double> CompareGolden(std::string_view json, std::string_view path,
                                             const FeatureLayout& layout, const Batch& batch,
                                             const std::vector<float>& scores);

}  // namespace rookery
