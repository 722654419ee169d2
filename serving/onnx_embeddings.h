// Keys -> combined embeddings as ONNX nodes: the counterpart of models/layers/embedding_combiner.
// Private to serving/onnx_writer. Threads: one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/model.h"
#include "serving/native_table.h"
#include "serving/onnx_graph.h"
#include "serving/onnx_inputs.h"
#include "serving/onnx_sequence.h"

namespace rookery {

// One table. `rows` becomes a constant of the graph, with a row of zeros at its end for keys
// without one.
class OnnxTable {
 public:
  OnnxTable(const FeatureLayout& layout, const ModelTable& table, const NativeTable& rows,
            OnnxGraph* graph);
  // The value [B, F_t * D_t] of the table's features; "" without features.
  std::string Embeddings();
  // [S, D_t].
  std::string SequenceRows(const Feature& feature, const OnnxSequence& sequence);

 private:
  std::string Rows(const std::string& keys);
  std::string Columns(std::string_view input, const std::vector<std::int64_t>& columns);
  std::string Weighted(const std::string& rows, const std::string& weights);
  std::string SingleValued(const std::vector<std::int64_t>& columns);
  std::string List(const Feature& feature);

  const FeatureLayout& layout_;
  const OnnxInputs inputs_;
  const ModelTable& table_;
  const NativeTable& rows_;
  OnnxGraph& graph_;
  const std::string constant_;
};

}  // namespace rookery
