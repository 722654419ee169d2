// The inputs of an exported ONNX graph, named in one place for the graph and for schema.json.
//
//   keys           int64 [B, F1]   single-valued features, in schema order
//   key_weights    float [B, F1]   only for libsvm with columns: the values of the pairs
//   NAME.keys      int64 [B, L]    a list feature, padded to the longest; L differs per feature
//   NAME.weights   float [B, L]    0 marks padding, 1 an occurrence without a weight. Of a sequence
//                                  (combiner "none") padding comes last, and other weights are
//                                  alike
//   numeric        float [B, N]    after transforms
// A graph without tables has instead of all keys and weights
//   TABLE.embeddings  float [B, F_t * D_t]   combined vectors of the table's features
//   TABLE.NAME.rows   float [B, L, D_t]      the rows of a sequence; beside them NAME.weights
//
// Keys are the 64 bits of a key as a signed integer. Pure functions and plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "serving/schema_file.h"

namespace rookery {

inline constexpr std::string_view kKeysInput = "keys";
inline constexpr std::string_view kKeyWeightsInput = "key_weights";
inline constexpr std::string_view kNumericInput = "numeric";
inline constexpr std::string_view kScoreOutput = "score";
inline constexpr std::string_view kQueryOutput = "query";  // of models of next items
inline constexpr std::string_view kBatchLength = "batch";

[[nodiscard]] std::string ListKeysInput(const Feature& feature);
[[nodiscard]] std::string ListWeightsInput(const Feature& feature);
[[nodiscard]] std::string EmbeddingsInput(const ModelTable& table);
[[nodiscard]] std::string SequenceRowsInput(const ModelTable& table, const Feature& feature);

// How features map to the columns of "keys".
struct OnnxInputs {
  explicit OnnxInputs(const FeatureLayout& layout);

  std::vector<std::uint32_t> columns;  // per feature; meaningless for a list
  std::uint32_t width = 0;             // F1
  bool weighted = false;               // "key_weights" exists
};

struct OnnxInput {
  std::string name;
  bool is_key = false;             // int64; else float
  std::vector<std::string> shape;  // a number, or the name of a length that varies
};

// All inputs in order.
[[nodiscard]] std::vector<OnnxInput> InputsOf(const ExportSchema& schema, const Model& model);

}  // namespace rookery
