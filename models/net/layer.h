// Layer: one operation of a net (models/net/net.h): values of its inputs -> one value, and back.
//
// Shapes   a value is [R, width], row-major. Its rows are the B examples of a part, or the S
//          elements of one of the part's sequences, one example's after the other's.
// Owner    the net. Threads: immutable; const methods from any thread, each with a State of its
//          own.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "models/graph.h"
#include "models/model.h"

namespace rookery {

class Layer {
 public:
  // What Backward needs of the forward pass, and room to work, of one thread.
  struct State {
    virtual ~State() = default;
  };
  struct Input {
    const float* x = nullptr;  // [R, width]
    std::size_t width = 0;
    float* dx = nullptr;  // Backward *adds* the gradient; nullptr: it is not wanted
  };
  struct Call {
    std::size_t rows = 0;      // R of the output, at least 1
    std::size_t examples = 0;  // B
    // [B + 1] of the sequence that the layer is about, if there is one: example b has its elements
    // offsets[b] - offsets[0] to offsets[b + 1] - offsets[0].
    const std::uint32_t* offsets = nullptr;
    std::span<const Input> inputs;
    const float* dense = nullptr;            // all dense parameters of the model
    const DropoutStream* dropout = nullptr;  // Forward: nullptr in prediction. Backward: nullptr
    State* state = nullptr;                  // from MakeState
  };

  virtual ~Layer() = default;
  [[nodiscard]] virtual std::unique_ptr<State> MakeState() const { return nullptr; }
  // y [R, width of the output], overwritten.
  virtual void Forward(const Call& call, float* y) const = 0;
  // After Forward with the same call. y as Forward left it. dy [R, width] may be overwritten.
  // The gradients of the layer's own dense blocks are overwritten in d_dense.
  virtual void Backward(const Call& call, const float* y, float* dy, float* d_dense) const = 0;
  // What the layer adds to the loss, by itself. After Forward, in training.
  [[nodiscard]] virtual double PenaltyOf(const State& /*state*/) const { return 0; }
  [[nodiscard]] virtual GraphBuilder::Value Describe(
      GraphBuilder& graph, std::span<const GraphBuilder::Value> inputs) const = 0;
  // The dense block whose rows belong to the columns of the first input, one for each; "": none.
  [[nodiscard]] virtual std::string InputBlock() const { return ""; }
  // As models/model.h says.
  virtual void RoundWeights(const float* /*dense*/, State* /*state*/) const {}
};

}  // namespace rookery
