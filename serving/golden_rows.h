// Golden rows: some raw lines, or encoded examples, and what an export must make of them. They
// travel with the export, so that whoever receives it can tell whether it still scores as it did
// where it was made.
//
//   golden.data   the lines, in the format of the training data (with its header line, if any), or
//                 the examples as a prepared file where the golden files are prepared
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
inline constexpr std::uint64_t kGoldenBytesMax = std::uint64_t{256} << 20U;
inline constexpr double kGoldenTolerance = 1e-6;

// Writes golden.data at `path`: the first examples, `rows` at most, of `sources` (expanded,
// at least one) that are prepared files, or text, as the first is.
[[nodiscard]] Status WriteGoldenData(FileSystem& files, const FittedSchema& fitted,
                                     const std::vector<std::string>& sources, std::size_t rows,
                                     const std::string& path);
// All examples of golden.data.
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
