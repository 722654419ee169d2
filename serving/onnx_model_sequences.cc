// OnnxModelBuilder's operations on sequences.
#include <array>
#include <vector>

#include "common/check.h"
#include "serving/onnx_model_builder.h"

namespace rookery {

GraphBuilder::Value OnnxModelBuilder::Sequence(std::uint32_t index) {
  ROOKERY_CHECK(index < sequences_.size());
  const OnnxSequenceRows& sequence = sequences_[index];
  return Keep({sequence.rows, sequence.width, sequence.sequence});
}

const OnnxSequence& OnnxModelBuilder::SequenceOf(Value value) const {
  ROOKERY_CHECK(Of(value).sequence != nullptr) << Of(value).name << " is no sequence";
  return *Of(value).sequence;
}

std::string OnnxModelBuilder::PaddedOf(Value value) const {
  return SequenceOf(value).Padded(Of(value).name, Of(value).width);
}

GraphBuilder::Value OnnxModelBuilder::RepeatForElements(Value b, Value elements) {
  return Made(SequenceOf(elements).Repeated(Of(b).name), Of(b).width, elements);
}

GraphBuilder::Value OnnxModelBuilder::SumOfElements(Value x) {
  return Keep({graph_.ReduceSum(PaddedOf(x), 1, false), Of(x).width});
}

GraphBuilder::Value OnnxModelBuilder::LastElement(Value x) {
  const std::string last = graph_.Node("Unsqueeze", {SequenceOf(x).IsLast(), graph_.Integers({2})});
  return Keep({graph_.ReduceSum(graph_.Node("Mul", {PaddedOf(x), last}), 1, false), Of(x).width});
}

// The operation wants the gates in the order z, r, n and multiplies its input by weights of its
// own: those only change the order here. Padding comes last, so it reaches no element.
GraphBuilder::Value OnnxModelBuilder::Gru(Value x, const std::string& weight,
                                          const std::string& bias) {
  const std::int64_t units = Of(x).width / 3;
  const DenseBlockSpec &weights = Block(weight), &biases = Block(bias);
  const std::array<std::int64_t, 3> ours = {1, 0, 2};  // the gate that is its first, second, third
  std::vector<float> order(static_cast<std::size_t>(9 * units * units));
  std::vector<float> recurrent(static_cast<std::size_t>(3 * units * units));
  std::vector<float> both(static_cast<std::size_t>(6 * units));  // the input's are added already
  for (std::int64_t row = 0; row < 3 * units; ++row) {
    const std::int64_t column = ours[static_cast<std::size_t>(row / units)] * units + row % units;
    order[static_cast<std::size_t>(row * 3 * units + column)] = 1;
    both[static_cast<std::size_t>(3 * units + row)] =
        dense_[biases.offset + static_cast<std::size_t>(column)];
    for (std::int64_t unit = 0; unit < units; ++unit) {
      recurrent[static_cast<std::size_t>(row * units + unit)] =
          dense_[weights.offset + static_cast<std::size_t>(unit * 3 * units + column)];
    }
  }
  graph_.Floats(weight + ".order", {1, 3 * units, 3 * units}, order);
  graph_.Floats(weight, {1, 3 * units, units}, recurrent);
  graph_.Floats(bias, {1, 6 * units}, both);
  const std::string steps = graph_.NodeWithInts("Transpose", {PaddedOf(x)}, "perm", {1, 0, 2});
  const std::string states =
      graph_.NodeWith("GRU", {steps, weight + ".order", weight, bias},
                      {{"hidden_size", units}, {"linear_before_reset", 1}});  // [L, 1, B, units]
  const std::string all = graph_.Node("Squeeze", {states, graph_.Integers({1})});
  const std::string back = graph_.NodeWithInts("Transpose", {all}, "perm", {1, 0, 2});
  return Made(SequenceOf(x).Packed(back), units, x);
}

GraphBuilder::Value OnnxModelBuilder::SelfAttention(Value q, Value k, Value v, std::uint32_t heads,
                                                    float scale, bool causal) {
  const std::int64_t width = Of(q).width;
  ROOKERY_CHECK(width % heads == 0);
  const auto by_head = [&](Value x, const std::vector<std::int64_t>& order) {
    const std::string parts =
        graph_.Node("Reshape", {PaddedOf(x), graph_.Integers({0, 0, heads, width / heads})});
    return graph_.NodeWithInts("Transpose", {parts}, "perm", order);
  };
  const OnnxSequence& sequence = SequenceOf(q);
  const std::string products =
      graph_.Node("MatMul", {by_head(q, {0, 2, 1, 3}), by_head(k, {0, 2, 3, 1})});
  const std::string scaled = graph_.Node("Mul", {products, graph_.Scalar(scale)});
  const std::string shares = graph_.NodeWithInt(
      "Softmax", {graph_.Node("Add", {scaled, sequence.MayAttend(causal)})}, "axis", 3);
  const std::string sums = graph_.Node("MatMul", {shares, by_head(v, {0, 2, 1, 3})});
  const std::string back = graph_.NodeWithInts("Transpose", {sums}, "perm", {0, 2, 1, 3});
  const std::string joined = graph_.Node("Reshape", {back, graph_.Integers({0, 0, width})});
  return Made(sequence.Packed(joined), width, q);
}

}  // namespace rookery
