// Linear: y = x W. A bias is added by the pass that applies the activation (layers/activation.h).
//
// In bf16 x, W and dy are rounded for the products; sums, y, dx and the gradient of W are fp32.
//
// Shapes   x [B, inputs], W [inputs, outputs], y [B, outputs].
// Threads  immutable; const methods from any thread.
#pragma once

#include <cstddef>
#include <string>

#include "models/bf16.h"
#include "models/dense_layout.h"
#include "models/float_buffer.h"

namespace rookery {

class Linear {
 public:
  // Adds the block `name`.weight to the layout.
  Linear(const std::string& name, std::size_t inputs, std::size_t outputs, DenseLayout& layout);

  void Forward(std::size_t examples, const float* dense, const float* x, float* y) const;
  // Overwrites the weight's gradient, and the gradient of the first `dx_columns` columns of x:
  // dx [B, dx_columns]; 0: not wanted.
  void Backward(std::size_t examples, const float* dense, const float* x, const float* dy,
                float* dense_gradient, std::size_t dx_columns, float* dx) const;

  // The same with products in bf16. Backward takes the copies of x and W that Forward left.
  struct Bf16Copies {
    GrowBuffer<Bf16> x, weight, dy;
  };
  void ForwardBf16(std::size_t examples, const float* dense, const float* x, Bf16Copies& copies,
                   float* y) const;
  void BackwardBf16(std::size_t examples, const float* dy, Bf16Copies& copies,
                    float* dense_gradient, std::size_t dx_columns, float* dx) const;

  // Forward alone, with a bf16 copy of W [inputs, outputs]; x is rounded into `rounded` unless
  // there is a single example.
  void PredictBf16(std::size_t examples, const Bf16* weight, const float* x,
                   GrowBuffer<Bf16>& rounded, float* y) const;

  [[nodiscard]] const DenseBlock& weight() const { return weight_; }
  [[nodiscard]] const std::string& weight_name() const { return weight_.name; }
  [[nodiscard]] std::size_t inputs() const { return inputs_; }
  [[nodiscard]] std::size_t outputs() const { return outputs_; }

 private:
  std::size_t inputs_;
  std::size_t outputs_;
  DenseBlock weight_;
};

}  // namespace rookery
