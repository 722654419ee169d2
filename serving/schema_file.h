// schema.json of an export: everything that turns a raw line into a score, besides the weights.
// docs/export_format.md describes every member; the file is made for readers in other languages, so
// it repeats what could be computed (seeds of key spaces, which features a table serves).
//
// Owner    plain values. Threads: pure functions. Errors: kCorrupt "schema.json: what".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "data/transform.h"
#include "models/model.h"

namespace rookery {

struct ExportSchema {
  ModelSpec model;      // features, numeric and label_mean filled
  FittedSchema fitted;  // the raw columns and their statistics
  FeatureLayout layout;
  // Computed by MakeModel(model); repeated in the file and compared when it is read.
  std::vector<ModelTable> tables;
  std::vector<std::uint64_t> table_rows;  // how many rows each table has
  std::vector<DenseBlockSpec> dense;
  bool self_contained = true;  // model.onnx has the tables inside
};

// Fills model.features, numeric and label_mean from the fitted schema.
void FillModelSpec(const FittedSchema& fitted, ModelSpec* model);
// An ONNX input of its own (keys and weights, padded) instead of a column of "keys".
[[nodiscard]] bool IsPadded(const Feature& feature);

[[nodiscard]] std::string ExportSchemaToJson(const ExportSchema& schema);
[[nodiscard]] StatusOr<ExportSchema> ExportSchemaFromJson(std::string_view json,
                                                          std::string_view path);

}  // namespace rookery
