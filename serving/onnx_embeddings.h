// Keys -> combined embeddings as ONNX nodes: the counterpart of models/layers/embedding_combiner.
// Private to serving/onnx_writer. Threads: one.
#pragma once

#include <string>

#include "models/model.h"
#include "serving/native_table.h"
#include "serving/onnx_graph.h"
#include "serving/onnx_inputs.h"

namespace rookery {

// The value [B, F_t * D_t] of `table`'s features. `rows` becomes a constant of the graph, with a
// row of zeros at its end for keys without one.
[[nodiscard]] std::string AddEmbeddings(const FeatureLayout& layout, const ModelTable& table,
                                        const NativeTable& rows, OnnxGraph* graph);

}  // namespace rookery
