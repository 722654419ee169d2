// WriteOnnx: a model as an ONNX file (opset 13, ai.onnx.ml 2; inputs: serving/onnx_inputs.h; output
// "score" [B]). With tables it is self-contained: keys in; without, combined embeddings in.
//
// Threads  one. Errors: kExhausted when the file would pass protobuf's limit of 2 GB; kCorrupt when
// ONNX's own checker refuses it (our bug, told before anybody else finds it).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "models/model.h"
#include "serving/native_table.h"
#include "serving/schema_file.h"

namespace rookery {

// True when model.onnx with these tables stays far enough below protobuf's limit.
[[nodiscard]] bool FitsOnnx(const std::vector<ExportTable>& tables, std::uint64_t dense_floats);

// `tables` in the order of model.tables(), empty unless schema.self_contained. dense is [P].
[[nodiscard]] StatusOr<std::string> WriteOnnx(const ExportSchema& schema, const Model& model,
                                              std::span<const float> dense,
                                              std::span<const NativeTable> tables);

}  // namespace rookery
