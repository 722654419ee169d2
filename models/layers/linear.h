// Linear: y = x W. A bias is added by the pass that applies the activation (layers/activation.h).
//
// Shapes   x [B, inputs], W [inputs, outputs], y [B, outputs].
// Threads  immutable; const methods from any thread.
#pragma once

#include <cstddef>
#include <string>

#include "models/dense_layout.h"

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
  [[nodiscard]] const std::string& weight_name() const { return weight_.name; }
  [[nodiscard]] std::size_t inputs() const { return inputs_; }
  [[nodiscard]] std::size_t outputs() const { return outputs_; }

 private:
  std::size_t inputs_;
  std::size_t outputs_;
  DenseBlock weight_;
};

}  // namespace rookery
