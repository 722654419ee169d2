// FittedSchema: a schema with the statistics of the first pass over the training data. The same
// object turns raw cells into features in training, evaluation, `predict` and the HTTP server.
//
// It is saved as features.json (docs/export_format.md describes it) in checkpoints and exports.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "data/schema.h"

namespace rookery {

struct NumericStatistics {  // of the present, finite values of one numeric column
  double mean = 0;
  double standard_deviation = 1;
  double minimum = 0;
  double maximum = 1;
};

struct FittedSchema {
  Schema schema;                                      // resolved
  std::vector<NumericStatistics> statistics;          // one per numeric column, in column order
  std::vector<std::vector<float>> bucket_boundaries;  // one per Schema::buckets
  bool signed_labels = false;       // the first pass saw labels -1 and +1 alone: -1 is read as 0
  std::vector<double> label_means;  // of the labels as read, one per label of LabelsOf
  std::uint64_t examples_seen = 0;  // by the fitting pass
};

// JSON, all digits of every number.
[[nodiscard]] std::string FittedSchemaToJson(const FittedSchema& fitted);
[[nodiscard]] StatusOr<FittedSchema> FittedSchemaFromJson(std::string_view json);

}  // namespace rookery
