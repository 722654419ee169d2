// OnnxModelBuilder: GraphBuilder that appends ONNX nodes. Private to serving/onnx_writer.
//
// Owner    `graph` and what the constructor is given outlive it. Threads: one.
// Errors   none; a model that names an unknown parameter or misuses a width is a bug (CHECK).
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "models/graph.h"
#include "models/model.h"
#include "serving/onnx_graph.h"
#include "serving/onnx_sequence.h"

namespace rookery {

// The rows of a sequence in the graph.
struct OnnxSequenceRows {
  std::string rows;  // [S, width]
  std::int64_t width = 0;
  const OnnxSequence* sequence = nullptr;
};

class OnnxModelBuilder final : public GraphBuilder {
 public:
  // `embeddings`: the graph's name of the combined vectors of each table; "": it has none.
  // `sequences` as in ModelInput.
  OnnxModelBuilder(const Model& model, std::span<const float> dense,
                   std::vector<std::string> embeddings, std::vector<OnnxSequenceRows> sequences,
                   std::uint32_t numeric, OnnxGraph* graph);

  Value Embeddings(std::uint32_t table) override;
  Value Numeric() override;
  Value Sequence(std::uint32_t index) override;
  Value Linear(Value x, const std::string& weight, const std::string& bias) override;
  Value GroupLinear(Value x, std::uint32_t groups, const std::string& weight,
                    const std::string& bias) override;
  Value AddParameter(Value x, const std::string& parameter) override;
  Value MultiplyParameter(Value x, const std::string& parameter) override;
  Value Relu(Value x) override;
  Value Sigmoid(Value x) override;
  Value Tanh(Value x) override;
  Value Erf(Value x) override;
  Value Softmax(Value x) override;
  Value LogSumExp(Value x) override;
  Value Add(Value a, Value b) override;
  Value Multiply(Value a, Value b) override;
  Value Scale(Value x, float factor) override;
  Value Concat(const std::vector<Value>& values) override;
  Value GroupColumns(Value x, std::uint32_t groups, std::uint32_t begin,
                     std::uint32_t end) override;
  Value SelectGroups(Value x, std::uint32_t groups,
                     const std::vector<std::uint32_t>& indices) override;
  Value TransposeGroups(Value x, std::uint32_t groups) override;
  Value GroupOuter(Value a, Value c, std::uint32_t groups) override;
  Value GroupAttention(Value q, Value k, Value v, std::uint32_t groups, std::uint32_t heads,
                       float scale) override;
  Value SumGroups(Value x, std::uint32_t groups) override;
  Value MaxGroups(Value x, std::uint32_t groups) override;
  Value SumColumns(Value x) override;
  Value PairProducts(Value x, std::uint32_t groups) override;
  Value BatchNorm(Value x, const std::string& mean, const std::string& variance,
                  const std::string& gain, const std::string& shift, float epsilon) override;
  Value LayerNorm(Value x, const std::string& gain, const std::string& shift,
                  float epsilon) override;
  Value RepeatForElements(Value b, Value elements) override;
  Value SumOfElements(Value x) override;
  Value LastElement(Value x) override;
  Value Gru(Value x, const std::string& weight, const std::string& bias) override;
  Value Lstm(Value x, const std::string& weight, const std::string& bias) override;
  Value Positions(Value x, const std::string& block) override;
  Value Window(Value x, std::uint32_t length) override;
  Value Reversed(Value x) override;
  Value SelfAttention(Value q, Value k, Value v, std::uint32_t heads, float scale,
                      bool causal) override;
  void Query(Value query) override;
  void Output(Value scores) override;

  [[nodiscard]] bool has_output() const { return has_output_; }

 private:
  struct Tensor {
    std::string name;
    std::int64_t width = 0;                  // [rows, width]
    const OnnxSequence* sequence = nullptr;  // whose elements the rows are; none: examples
  };
  Value Keep(Tensor tensor);
  // Its rows are those of `like`.
  Value Made(std::string name, std::int64_t width, Value like);
  [[nodiscard]] const Tensor& Of(Value value) const;
  [[nodiscard]] const OnnxSequence& SequenceOf(Value value) const;
  [[nodiscard]] std::string PaddedOf(Value value) const;
  // `gates`: which of ours is the operation's first, second, ...
  Value Recurrence(std::string_view operation, Value x, const std::string& weight,
                   const std::string& bias, const std::vector<std::int64_t>& gates);
  Value Elementwise(std::string_view operation, Value a, Value b);
  const DenseBlockSpec& Block(const std::string& name) const;
  // The name of the constant; a weight is [rows, columns], everything else one vector.
  std::string Weight(const std::string& name);
  std::string Vector(const std::string& name, std::int64_t width);
  std::string Parameter(const DenseBlockSpec& block, const std::vector<std::int64_t>& shape);

  const Model& model_;
  const std::span<const float> dense_;
  const std::vector<std::string> embeddings_;
  const std::vector<OnnxSequenceRows> sequences_;
  const std::uint32_t numeric_;
  OnnxGraph& graph_;

  std::vector<Tensor> tensors_;  // by Value
  std::map<std::string, std::vector<std::int64_t>> parameters_;
  bool has_output_ = false;
};

}  // namespace rookery
