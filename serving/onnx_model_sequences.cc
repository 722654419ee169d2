// OnnxModelBuilder's operations on sequences.
#include <limits>
#include <string_view>
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

// The operation wants the gates in an order of its own and multiplies its input by weights of its
// own: those only change the order here. Padding comes last, so it reaches no element.
GraphBuilder::Value OnnxModelBuilder::Recurrence(std::string_view operation, Value x,
                                                 const std::string& weight, const std::string& bias,
                                                 const std::vector<std::int64_t>& gates) {
  const auto count = gates.size();
  const std::size_t all = static_cast<std::size_t>(Of(x).width), units = all / count;
  const DenseBlockSpec &weights = Block(weight), &biases = Block(bias);
  ROOKERY_CHECK(weights.rows == units && weights.columns == all && biases.size() == all) << weight;
  std::vector<float> order(all * all), recurrent(all * units);
  std::vector<float> both(2 * all);  // the input's are added already
  for (std::size_t row = 0; row < all; ++row) {
    const std::size_t column = static_cast<std::size_t>(gates[row / units]) * units + row % units;
    order[row * all + column] = 1;
    both[all + row] = dense_[biases.offset + column];
    for (std::size_t unit = 0; unit < units; ++unit) {
      recurrent[row * units + unit] = dense_[weights.offset + unit * all + column];
    }
  }
  const auto width = static_cast<std::int64_t>(all), hidden = static_cast<std::int64_t>(units);
  graph_.Floats(weight + ".order", {1, width, width}, order);
  graph_.Floats(weight, {1, width, hidden}, recurrent);
  graph_.Floats(bias, {1, 2 * width}, both);
  const std::string steps = graph_.NodeWithInts("Transpose", {PaddedOf(x)}, "perm", {1, 0, 2});
  const OnnxGraph::Names inputs = {steps, weight + ".order", weight, bias};
  const std::string states =  // [L, 1, B, units]
      operation == "GRU" ? graph_.NodeWith(operation, inputs,
                                           {{"hidden_size", hidden}, {"linear_before_reset", 1}})
                         : graph_.NodeWith(operation, inputs, {{"hidden_size", hidden}});
  const std::string by_step = graph_.Node("Squeeze", {states, graph_.Integers({1})});
  const std::string back = graph_.NodeWithInts("Transpose", {by_step}, "perm", {1, 0, 2});
  return Made(SequenceOf(x).Packed(back), hidden, x);
}

// Ours: r, z, n; the operation's: z, r, n.
GraphBuilder::Value OnnxModelBuilder::Gru(Value x, const std::string& weight,
                                          const std::string& bias) {
  return Recurrence("GRU", x, weight, bias, {1, 0, 2});
}

// Ours: i, f, g, o; the operation's: i, o, f, g.
GraphBuilder::Value OnnxModelBuilder::Lstm(Value x, const std::string& weight,
                                           const std::string& bias) {
  return Recurrence("LSTM", x, weight, bias, {0, 3, 1, 2});
}

GraphBuilder::Value OnnxModelBuilder::Positions(Value x, const std::string& block) {
  const std::int64_t last = std::int64_t{Block(block).rows} - 1;
  const std::string place = graph_.Node("Min", {SequenceOf(x).FromEnd(), graph_.Integer(last)});
  const std::string rows = graph_.NodeWithInt("Gather", {Weight(block), place}, "axis", 0);
  return Made(graph_.Node("Add", {Of(x).name, rows}), Of(x).width, x);
}

// With length - 1 zeros before it the padded form is shifted by 0, 1, ..., side by side.
GraphBuilder::Value OnnxModelBuilder::Window(Value x, std::uint32_t length) {
  const std::int64_t before = std::int64_t{length} - 1;
  const std::string shifted =
      graph_.Node("Pad", {PaddedOf(x), graph_.Integers({0, before, 0, 0, 0, 0})});
  OnnxGraph::Names parts;
  for (std::int64_t k = 0; k <= before; ++k) {
    const std::int64_t end = k == before ? std::numeric_limits<std::int64_t>::max() : k - before;
    parts.push_back(graph_.Node(
        "Slice", {shifted, graph_.Integers({k}), graph_.Integers({end}), graph_.Integers({1})}));
  }
  const std::string all = graph_.NodeWithInt("Concat", parts, "axis", 2);
  return Made(SequenceOf(x).Packed(all), Of(x).width * length, x);
}

GraphBuilder::Value OnnxModelBuilder::Reversed(Value x) {
  const std::string reversed =
      graph_.NodeWith("ReverseSequence", {PaddedOf(x), SequenceOf(x).Counts()},
                      {{"batch_axis", 0}, {"time_axis", 1}});
  return Made(SequenceOf(x).Packed(reversed), Of(x).width, x);
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
