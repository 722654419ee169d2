// OnnxGraph: appends nodes and constants to an onnx::ModelProto. Private to serving/onnx_*: the
// only header that shows ONNX's own types.
//
// Values are named by strings; every node has one output, whose name the graph makes from the
// operation and a counter.
//
// Owner    owns the model. Threads: one. Errors: none; wrong use is a caller bug.
#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/types.h"
#include "serving/onnx_inputs.h"

namespace rookery {

class OnnxGraph {
 public:
  using Names = std::vector<std::string>;

  OnnxGraph();

  void AddInput(const OnnxInput& input);
  void AddOutput(std::string_view name, std::int64_t width = 0);  // float [batch] or [batch, width]
  void AddMetadata(std::string_view key, std::string_view value);

  // The name of the output.
  std::string Node(std::string_view operation, const Names& inputs);
  std::string NodeWithInt(std::string_view operation, const Names& inputs,
                          std::string_view attribute, std::int64_t value);
  std::string NodeWithInts(std::string_view operation, const Names& inputs,
                           std::string_view attribute, const std::vector<std::int64_t>& values);
  std::string NodeWith(std::string_view operation, const Names& inputs,
                       std::initializer_list<std::pair<std::string_view, std::int64_t>> attributes);
  void NodeInto(std::string_view operation, const Names& inputs, const std::string& output);
  // Index of each key in `keys`, or `missing`. `keys` may be empty.
  std::string LookUp(const std::string& input, std::span<const Key> keys, std::int64_t missing);

  // Constants. The same name twice is a caller bug.
  void Floats(const std::string& name, const std::vector<std::int64_t>& shape,
              std::span<const float> values);
  // The same with `zeros` zeros after the values.
  void FloatsAndZeros(const std::string& name, const std::vector<std::int64_t>& shape,
                      std::span<const float> values, std::size_t zeros);
  std::string Integers(const std::vector<std::int64_t>& values);  // 1-D; made once per value
  std::string Integer(std::int64_t value);                        // a scalar, the same
  std::string Scalar(float value);

  // x with all but the batch dimension replaced by `shape`.
  std::string Reshape(const std::string& x, const std::vector<std::int64_t>& shape);
  std::string ReduceSum(const std::string& x, std::int64_t axis, bool keep_dimension);

  [[nodiscard]] const onnx::ModelProto& model() const { return model_; }

 private:
  std::string IntegersNamed(std::string name, const std::vector<std::int64_t>& shape,
                            std::span<const std::int64_t> values);
  onnx::NodeProto* AddNode(std::string_view operation, const Names& inputs);

  onnx::ModelProto model_;
  onnx::GraphProto* graph_;
  std::uint64_t counter_ = 0;
};

}  // namespace rookery
