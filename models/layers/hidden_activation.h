// HiddenActivation: the activation of one layer, with parameters of its own where it has some.
//
//   relu, sigmoid, tanh   layers/activation.h
//   gelu   x Phi(x), Phi of the standard normal distribution (Hendrycks & Gimpel 2016), not the
//          approximation by tanh
//   silu   x sigmoid(x)
//   prelu  x above 0, else a x (He et al. 2015); a of each column, from 0.25 on
//   dice   p x + (1 - p) a x, p = sigmoid(batch norm of x) (Zhou et al. 2018, DIN); a of each
//          column, from 0 on
//
// Blocks   prelu, dice: NAME.slope; dice: and those of a batch norm (layers/norm.h)
// Shapes   x, y [B, width]; bias [width] or nullptr.
// Threads  immutable; const methods from any thread, each with a State of its own.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "models/dense_layout.h"
#include "models/float_buffer.h"
#include "models/graph.h"
#include "models/layers/activation.h"
#include "models/layers/norm.h"

namespace rookery {

class HiddenActivation {
 public:
  struct State {
    FloatBuffer x;     // what the activation is of, where its output does not tell
    FloatBuffer gate;  // dice: p
    FloatBuffer d_gate;
    Norm::State norm;
  };

  HiddenActivation(Activation kind, const std::string& name, std::size_t width,
                   DenseLayout& layout);

  // y = activation(y + bias), for scoring.
  void Infer(std::size_t examples, const float* dense, const float* bias, State& state,
             float* y) const;
  // The same for training: what Backward needs is kept in the state.
  void Forward(std::size_t examples, const float* dense, const float* bias, State& state,
               float* y) const;
  // y as Forward left it. dy becomes the gradient before bias and activation; the bias's gradient
  // (nullptr: no bias) and those of the own blocks are overwritten.
  void Backward(std::size_t examples, const float* dense, const float* y, State& state, float* dy,
                float* bias_gradient, float* dense_gradient) const;
  [[nodiscard]] GraphBuilder::Value Describe(GraphBuilder& graph, GraphBuilder::Value x) const;

 private:
  void Apply(std::size_t examples, const float* dense, const float* gate, float* y) const;
  void DiceBackward(std::size_t examples, const float* dense, State& state, float* dy,
                    float* dense_gradient) const;

  const Activation kind_;
  const std::size_t width_;
  DenseBlock slope_;            // of prelu and dice
  std::unique_ptr<Norm> norm_;  // of dice
};

}  // namespace rookery
