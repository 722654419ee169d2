// ReluTowerBf16: the training passes of a relu tower without norm and dropout, with activations and
// their gradients kept in bf16: bias and relu are part of the products, and no pass in fp32 is left
// between two of them. Parameter gradients and the gradient of x are fp32.
//
// Shapes   x [B, inputs of the first layer], output [B]. The last hidden layer feeds one output
//          whose weight is fp32.
// Threads  immutable; const methods from any thread, each with a Scratch of its own.
#pragma once

#include <cstddef>
#include <vector>

#include "models/bf16.h"
#include "models/float_buffer.h"
#include "models/layers/linear.h"

namespace rookery {

class ReluTowerBf16 {
 public:
  struct Layer {
    Linear linear;
    std::size_t bias_offset;  // in the dense parameters
  };
  struct Scratch {
    struct Layer {
      GrowBuffer<Bf16> x;       // [B, inputs]
      GrowBuffer<Bf16> weight;  // [inputs, outputs]
    };
    std::vector<Layer> layers;
    GrowBuffer<Bf16> last;                     // [B, outputs of the last layer]
    GrowBuffer<Bf16> gradient, next_gradient;  // [B, width]
  };

  // REQUIRES: at least one layer.
  ReluTowerBf16(std::vector<Layer> layers, std::size_t output_weight_offset);

  // Forward keeps in `scratch` what Backward needs.
  void Forward(std::size_t examples, const float* dense, const float* x, Scratch& scratch,
               float* output) const;
  // As Tower::Backward.
  void Backward(std::size_t examples, const float* dense, const float* d_output, Scratch& scratch,
                float* dense_gradient, std::size_t dx_columns, float* dx) const;

 private:
  void OutputBackward(std::size_t examples, const float* dense, const float* d_output,
                      Scratch& scratch, float* dense_gradient) const;

  std::vector<Layer> layers_;
  std::size_t output_offset_;
};

}  // namespace rookery
