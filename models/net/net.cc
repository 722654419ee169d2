#include "models/net/net.h"

#include <algorithm>
#include <utility>

#include "common/check.h"

namespace rookery {

Net::Scratch Net::MakeScratch() const {
  Scratch scratch;
  scratch.y.resize(nodes_.size());
  scratch.dy.resize(nodes_.size());
  for (const Node& node : nodes_) {
    scratch.states.push_back(node.layer ? node.layer->MakeState() : nullptr);
  }
  return scratch;
}

const float* Net::ValueOf(NetValue value, const ModelInput& input, const Scratch& scratch) const {
  const Node& node = nodes_[value.index];
  switch (node.source) {
    case Source::kEmbeddings:
      return input.embeddings[node.table];
    case Source::kNumeric:
      return input.numeric;
    case Source::kSequence:
      return input.sequences[node.table].rows;
    case Source::kLayer:
      break;
  }
  return scratch.y[value.index].data();
}

Layer::Call Net::CallOf(const Node& node, const ModelInput& input, const float* dense,
                        const DropoutStream* dropout, Scratch& scratch) const {
  scratch.inputs.clear();
  for (const NetValue value : node.inputs) {
    scratch.inputs.push_back({.x = ValueOf(value, input, scratch), .width = width(value)});
  }
  const auto index = static_cast<std::size_t>(&node - nodes_.data());
  const std::uint32_t* offsets =
      node.about == kExamples ? nullptr
                              : input.sequences[static_cast<std::size_t>(node.about)].offsets;
  return {.rows = RowsOf(node.sequence, input),
          .examples = input.examples,
          .offsets = offsets,
          .inputs = scratch.inputs,
          .dense = dense,
          .dropout = dropout,
          .state = scratch.states[index].get()};
}

void Net::Forward(const ModelInput& input, const float* dense, const DropoutStream* dropout,
                  Scratch& scratch) const {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    const std::size_t rows = RowsOf(node.sequence, input);
    if (!node.layer || rows == 0) continue;
    float* y = scratch.y[i].Grow(rows * node.width);
    node.layer->Forward(CallOf(node, input, dense, dropout, scratch), y);
  }
}

double Net::Penalty(const ModelInput& input, const Scratch& scratch) const {
  double penalty = 0;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!scratch.states[i] || RowsOf(nodes_[i].sequence, input) == 0) continue;
    penalty += nodes_[i].layer->PenaltyOf(*scratch.states[i]);
  }
  return penalty;
}

float* Net::GradientOf(NetValue value, Scratch& scratch, const ModelGradients& gradients) const {
  const Node& node = nodes_[value.index];
  if (!node.wants_gradient) return nullptr;
  if (node.source == Source::kEmbeddings) return gradients.embeddings[node.table];
  if (node.source == Source::kSequence) return gradients.sequences[node.table];
  return scratch.dy[value.index].data();
}

std::size_t Net::RowsOf(std::int32_t sequence, const ModelInput& input) {
  if (sequence == kExamples) return input.examples;
  const std::uint32_t* offsets = input.sequences[static_cast<std::size_t>(sequence)].offsets;
  return offsets[input.examples] - offsets[0];
}

void Net::StartGradients(const ModelInput& input, Scratch& scratch,
                         const ModelGradients& gradients) const {
  bool skips = false;  // a layer without rows, which would leave its dense gradient as it is
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    const std::size_t rows = RowsOf(node.sequence, input);
    skips |= rows == 0;
    if (node.layer) scratch.dy[i].Grow(rows * node.width);
    float* gradient = GradientOf({i}, scratch, gradients);
    if (gradient != nullptr) std::fill_n(gradient, rows * node.width, 0.0F);
  }
  if (skips) std::fill_n(gradients.dense, dense_floats_, 0.0F);
}

void Net::Backward(const ModelInput& input, const float* dense, std::span<const NetValue> outputs,
                   std::span<const float* const> d_outputs, Scratch& scratch,
                   ModelGradients& gradients) const {
  StartGradients(input, scratch, gradients);
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    ROOKERY_CHECK(nodes_[outputs[o].index].wants_gradient);
    float* gradient = GradientOf(outputs[o], scratch, gradients);
    const std::size_t rows = RowsOf(nodes_[outputs[o].index].sequence, input);
    const std::size_t count = rows * width(outputs[o]);
    for (std::size_t i = 0; i < count; ++i) gradient[i] += d_outputs[o][i];
  }
  for (std::uint32_t i = static_cast<std::uint32_t>(nodes_.size()); i-- > 0;) {
    const Node& node = nodes_[i];
    if (!node.layer || RowsOf(node.sequence, input) == 0) continue;
    const Layer::Call call = CallOf(node, input, dense, nullptr, scratch);
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      scratch.inputs[k].dx = GradientOf(node.inputs[k], scratch, gradients);
    }
    node.layer->Backward(call, scratch.y[i].data(), scratch.dy[i].data(), gradients.dense);
  }
}

void Net::RoundWeights(const float* dense, Scratch& scratch) const {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].layer) nodes_[i].layer->RoundWeights(dense, scratch.states[i].get());
  }
}

std::vector<GraphBuilder::Value> Net::Describe(GraphBuilder& graph,
                                               std::span<const NetValue> outputs) const {
  std::vector<GraphBuilder::Value> values;
  std::vector<GraphBuilder::Value> inputs;
  for (const Node& node : nodes_) {
    if (node.source == Source::kEmbeddings) {
      values.push_back(graph.Embeddings(node.table));
    } else if (node.source == Source::kNumeric) {
      values.push_back(graph.Numeric());
    } else if (node.source == Source::kSequence) {
      values.push_back(graph.Sequence(node.table));
    } else {
      inputs.clear();
      for (const NetValue value : node.inputs) inputs.push_back(values[value.index]);
      values.push_back(node.layer->Describe(graph, inputs));
    }
  }
  std::vector<GraphBuilder::Value> described;
  for (const NetValue value : outputs) described.push_back(values[value.index]);
  return described;
}

std::vector<InputRow> Net::InputRows(const std::string& block) const {
  for (const Node& node : nodes_) {
    if (!node.layer || node.inputs.empty()) continue;
    if (node.layer->InputBlock() == block) return nodes_[node.inputs[0].index].columns;
  }
  return {};
}

}  // namespace rookery
