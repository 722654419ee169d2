// Net: a model as a graph of layers, and its gradients.
//
// A NetBuilder appends layers one after the other: each reads values that are there and makes one.
// The net runs them in that order, and for gradients in the opposite one: a value's gradient is the
// sum over the layers that read it, added in a fixed order.
//
// Owner    a model. A builder is used while the model is made, then gives the net away.
// Threads  Net is immutable; const methods from any thread, each with a Scratch of its own.
// Errors   only caller bugs.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/dense_layout.h"
#include "models/float_buffer.h"
#include "models/net/layer.h"

namespace rookery {

// A value's number. Values come from a builder.
struct NetValue {
  std::uint32_t index = 0;
};

class Net {
 public:
  struct Scratch {
    std::vector<FloatBuffer> y, dy;  // by value; inputs have none
    std::vector<std::unique_ptr<Layer::State>> states;
    std::vector<Layer::Input> inputs;  // of the layer at work
  };

  [[nodiscard]] Scratch MakeScratch() const;
  [[nodiscard]] std::size_t width(NetValue value) const { return nodes_[value.index].width; }

  // `dropout`: nullptr in prediction.
  void Forward(const ModelInput& input, const float* dense, const DropoutStream* dropout,
               Scratch& scratch) const;
  // [R, width]. After Forward.
  [[nodiscard]] const float* ValueOf(NetValue value, const ModelInput& input,
                                     const Scratch& scratch) const;
  // What layers add to the loss. After Forward, in training.
  [[nodiscard]] double Penalty(const ModelInput& input, const Scratch& scratch) const;
  // Overwrites all gradients, given those of `outputs`: d_outputs[i] is [R, width]. After Forward
  // with the same arguments, in training.
  void Backward(const ModelInput& input, const float* dense, std::span<const NetValue> outputs,
                std::span<const float* const> d_outputs, Scratch& scratch,
                ModelGradients& gradients) const;
  void RoundWeights(const float* dense, Scratch& scratch) const;
  // The graph's values of `outputs`.
  [[nodiscard]] std::vector<GraphBuilder::Value> Describe(GraphBuilder& graph,
                                                          std::span<const NetValue> outputs) const;
  // As models/model.h says.
  [[nodiscard]] std::vector<InputRow> InputRows(const std::string& block) const;

 private:
  friend class NetBuilder;

  enum class Source : std::uint8_t { kLayer, kEmbeddings, kNumeric, kSequence };
  static constexpr std::int32_t kExamples = -1;
  struct Node {
    Source source = Source::kLayer;
    std::uint32_t table = 0;            // of kEmbeddings
    std::int32_t sequence = kExamples;  // whose elements the rows are (ModelInput), or kExamples
    std::int32_t about = kExamples;     // the sequence that a layer is about
    std::size_t width = 0;
    bool wants_gradient = true;
    std::unique_ptr<Layer> layer = nullptr;
    std::vector<NetValue> inputs = {};
    std::vector<InputRow> columns = {};  // what each column is; empty: not one of the data's
  };

  [[nodiscard]] Layer::Call CallOf(const Node& node, const ModelInput& input, const float* dense,
                                   const DropoutStream* dropout, Scratch& scratch) const;
  [[nodiscard]] float* GradientOf(NetValue value, Scratch& scratch,
                                  const ModelGradients& gradients) const;
  void StartGradients(const ModelInput& input, Scratch& scratch,
                      const ModelGradients& gradients) const;
  [[nodiscard]] static std::size_t RowsOf(std::int32_t sequence, const ModelInput& input);

  std::vector<Node> nodes_;
  std::uint64_t dense_floats_ = 0;  // of the whole model
};

class NetBuilder {
 public:
  // What the layers' dense blocks become part of; outlives the builder.
  explicit NetBuilder(DenseLayout* layout) : layout_(*layout) {}

  // The combined vectors of table `index` [B, F * D].
  NetValue Embeddings(const ModelTable& table, std::uint32_t index);
  // The numeric inputs [B, N], N > 0.
  NetValue Numeric(std::uint32_t numbers);
  // The rows of sequence `index` of ModelInput::sequences [S, D].
  NetValue Sequence(const ModelTable& table, std::uint32_t index);
  // `width`: of the layer's output. Its rows are those of the first input; that and other inputs
  // are of one sequence at most.
  NetValue Add(std::unique_ptr<Layer> layer, std::vector<NetValue> inputs, std::size_t width);
  // A layer that makes a row an example of a sequence, the first input.
  NetValue AddPooling(std::unique_ptr<Layer> layer, std::vector<NetValue> inputs,
                      std::size_t width);
  // a [S, width] and b are elements of sequences that are always as long as each other: from now
  // on b's rows count as those of a.
  NetValue Aligned(NetValue a, NetValue b);
  // The columns of the inputs side by side.
  NetValue Concat(const std::vector<NetValue>& inputs);
  // Of every group of columns (of `groups` equal ones) the columns [begin, end).
  NetValue GroupColumns(NetValue x, std::size_t groups, std::size_t begin, std::size_t end);

  [[nodiscard]] std::size_t width(NetValue value) const { return net_.width(value); }
  [[nodiscard]] DenseLayout& layout() { return layout_; }
  // Once all of the model's dense blocks are in the layout.
  [[nodiscard]] Net Take();

 private:
  NetValue Append(Net::Node node);

  DenseLayout& layout_;
  Net net_;
};

}  // namespace rookery
