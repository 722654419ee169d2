// schema.json of an export: everything that turns a raw line into a score, besides the weights.
// docs/export_format.md describes every member; the file is made for readers in other languages, so
// it repeats what could be computed (seeds of key spaces, which features a table serves).
//
// Owner    plain values. Threads: pure functions. Errors: kCorrupt "PATH: what".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "data/transform.h"
#include "models/model.h"

namespace rookery {

struct ExportTable {
  std::string name;
  std::uint32_t dim = 1;
  std::uint64_t rows = 0;
  bool operator==(const ExportTable&) const = default;
};

struct ExportSchema {
  ModelSpec model;                  // features, numeric and label_mean filled
  FittedSchema fitted;              // the raw columns and their statistics
  FeatureLayout layout;             // LayoutOf(fitted.schema)
  std::vector<ExportTable> tables;  // in the order of Model::tables()
  bool self_contained = true;       // model.onnx has the tables inside
};

// Fills model.features, numeric, label_mean, labels and, of a model of next items, max_length from
// the fitted schema. Its label means may be missing.
void FillModelSpec(const FittedSchema& fitted, ModelSpec* model);

// REQUIRES: `model` was made from schema.model.
[[nodiscard]] std::string ExportSchemaToJson(const ExportSchema& schema, const Model& model);
// Ignores what it can compute. Whether the model accepts the spec is the caller's to find out.
[[nodiscard]] StatusOr<ExportSchema> ExportSchemaFromJson(std::string_view json,
                                                          std::string_view path);

}  // namespace rookery
