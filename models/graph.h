// GraphBuilder: how a model describes its Predict to an export format (serving/onnx_writer is one).
//
// Values are handles made by the builder; every method appends one operation. Dense parameters are
// named by their DenseBlockSpec. The first dimension of every tensor is its rows: the B examples,
// or the S elements of one sequence (models/model.h), one example's after the other's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rookery {

class GraphBuilder {
 public:
  enum class Value : std::uint32_t {};

  virtual ~GraphBuilder() = default;
  // Inputs: the combined vectors of table t [B, F_t * D_t] (index into Model::tables()); numeric
  // [B, N].
  virtual Value Embeddings(std::uint32_t table) = 0;
  virtual Value Numeric() = 0;
  // The rows of sequence `index` of ModelInput::sequences, [S, D].
  virtual Value Sequence(std::uint32_t index) = 0;

  virtual Value Linear(Value x, const std::string& weight,
                       const std::string& bias) = 0;  // x W + b; bias may be ""
  // Every group of columns x W + b, [B, groups * outputs]; one group: Linear.
  virtual Value GroupLinear(Value x, std::uint32_t groups, const std::string& weight,
                            const std::string& bias) = 0;
  virtual Value AddParameter(Value x,
                             const std::string& parameter) = 0;  // broadcast over the batch
  virtual Value MultiplyParameter(Value x, const std::string& parameter) = 0;  // the same
  virtual Value Relu(Value x) = 0;
  virtual Value Sigmoid(Value x) = 0;
  virtual Value Tanh(Value x) = 0;
  virtual Value Erf(Value x) = 0;
  virtual Value Add(Value a, Value b) = 0;
  virtual Value Multiply(Value a, Value b) = 0;  // b may be [B, 1]
  virtual Value Scale(Value x, float factor) = 0;
  virtual Value Concat(const std::vector<Value>& values) = 0;  // along the last dimension
  // [B, groups * width] -> the columns [begin, end) of every group: [B, groups * (end - begin)].
  virtual Value GroupColumns(Value x, std::uint32_t groups, std::uint32_t begin,
                             std::uint32_t end) = 0;
  // The groups with these indices, in that order.
  virtual Value SelectGroups(Value x, std::uint32_t groups,
                             const std::vector<std::uint32_t>& indices) = 0;
  virtual Value TransposeGroups(Value x, std::uint32_t groups) = 0;  // -> [B, width * groups]
  // All products of an element of a's group and one of c's, [B, groups * I * J], c's the faster.
  virtual Value GroupOuter(Value a, Value c, std::uint32_t groups) = 0;
  // In each of `heads` equal parts of a group's columns: softmax over the groups of
  // scale * q k^T, times v. All [B, groups * width].
  virtual Value GroupAttention(Value q, Value k, Value v, std::uint32_t groups, std::uint32_t heads,
                               float scale) = 0;
  virtual Value SumGroups(Value x, std::uint32_t groups) = 0;  // [B, groups * width] -> [B, width]
  virtual Value MaxGroups(Value x, std::uint32_t groups) = 0;  // the same
  virtual Value SumColumns(Value x) = 0;                       // [B, width] -> [B, 1]
  virtual Value Softmax(Value x) = 0;                          // over the columns
  virtual Value LogSumExp(Value x) = 0;                        // [B, width] -> [B, 1]
  // [B, groups * width] -> [B, groups * (groups - 1) / 2]: the dot products of groups i and j < i,
  // in the order (1,0), (2,0), (2,1), ...
  virtual Value PairProducts(Value x, std::uint32_t groups) = 0;
  // (x - mean) / sqrt(variance + epsilon) * gain + shift with parameters.
  virtual Value BatchNorm(Value x, const std::string& mean, const std::string& variance,
                          const std::string& gain, const std::string& shift, float epsilon) = 0;
  virtual Value LayerNorm(Value x, const std::string& gain, const std::string& shift,
                          float epsilon) = 0;
  // As models/net/sequence_layers.h says of these. x and `elements` are of a sequence, [S, width].
  virtual Value RepeatForElements(Value b, Value elements) = 0;  // [B, width] -> [S, width]
  virtual Value SumOfElements(Value x) = 0;                      // -> [B, width]
  virtual Value LastElement(Value x) = 0;                        // -> [B, width]
  // x [S, 3 units] is the input's part of the gates.
  virtual Value Gru(Value x, const std::string& weight, const std::string& bias) = 0;
  virtual Value Lstm(Value x, const std::string& weight, const std::string& bias) = 0;  // 4 units
  virtual Value Positions(Value x, const std::string& block) = 0;
  virtual Value Window(Value x, std::uint32_t length) = 0;  // -> [S, length * width]
  virtual Value Reversed(Value x) = 0;
  virtual Value SelfAttention(Value q, Value k, Value v, std::uint32_t heads, float scale,
                              bool causal) = 0;
  // What an example asks for, [B, width], is given out beside the score: its score of any row of
  // that width is what the dot product says. At most once.
  virtual void Query(Value query) = 0;
  // The scores, [B, Model::outputs()]. Once, last.
  virtual void Output(Value scores) = 0;
};

}  // namespace rookery
