#include "models/layers/linear.h"

#include <algorithm>

#include "models/gemm.h"
#include "models/gemm_bf16.h"
#include "models/vector_math.h"
#include "models/vector_matrix.h"

namespace rookery {

Linear::Linear(const std::string& name, std::size_t inputs, std::size_t outputs,
               DenseLayout& layout)
    : inputs_(inputs),
      outputs_(outputs),
      weight_(layout.AddWeight(name + ".weight", inputs, outputs)) {}

void Linear::Forward(std::size_t examples, const float* dense, const float* x, float* y) const {
  const float* weight = dense + weight_.offset;
  if (outputs_ == 1) {  // matrix times vector
    for (std::size_t b = 0; b < examples; ++b) y[b] = Dot(x + b * inputs_, weight, inputs_);
    return;
  }
  if (examples == 1) return VectorTimesMatrix(inputs_, outputs_, x, weight, y);
  Gemm(false, false, examples, outputs_, inputs_, 1, x, inputs_, weight, outputs_, 0, y, outputs_);
}

void Linear::Backward(std::size_t examples, const float* dense, const float* x, const float* dy,
                      float* dense_gradient, std::size_t dx_columns, float* dx) const {
  const float* weight = dense + weight_.offset;
  float* weight_gradient = dense_gradient + weight_.offset;
  if (outputs_ == 1) {
    std::fill_n(weight_gradient, inputs_, 0.0F);
    for (std::size_t b = 0; b < examples; ++b) {
      AddScaled(dy[b], x + b * inputs_, inputs_, weight_gradient);
      float* __restrict out = dx + b * dx_columns;
      for (std::size_t i = 0; i < dx_columns; ++i) out[i] = dy[b] * weight[i];
    }
    return;
  }
  Gemm(true, false, inputs_, outputs_, examples, 1, x, inputs_, dy, outputs_, 0, weight_gradient,
       outputs_);
  if (dx_columns == 0) return;
  Gemm(false, true, examples, dx_columns, outputs_, 1, dy, outputs_, weight, outputs_, 0, dx,
       dx_columns);
}

void Linear::ForwardBf16(std::size_t examples, const float* dense, const float* x,
                         Bf16Copies& copies, float* y) const {
  Bf16* weight = copies.weight.Grow(inputs_ * outputs_);
  Bf16* input = copies.x.Grow(examples * inputs_);
  ToBf16(dense + weight_.offset, inputs_ * outputs_, weight);
  ToBf16(x, examples * inputs_, input);
  GemmBf16({.m = examples, .n = outputs_, .k = inputs_}, input, weight, y);
}

void Linear::PredictBf16(std::size_t examples, const Bf16* weight, const float* x,
                         GrowBuffer<Bf16>& rounded, float* y) const {
  if (examples == 1) return VectorTimesMatrix(inputs_, outputs_, x, weight, y);
  Bf16* input = rounded.Grow(examples * inputs_);
  ToBf16(x, examples * inputs_, input);
  GemmBf16({.m = examples, .n = outputs_, .k = inputs_}, input, weight, y);
}

void Linear::BackwardBf16(std::size_t examples, const float* dy, Bf16Copies& copies,
                          float* dense_gradient, std::size_t dx_columns, float* dx) const {
  Bf16* gradient = copies.dy.Grow(examples * outputs_);
  ToBf16(dy, examples * outputs_, gradient);
  GemmBf16({.transpose_a = true, .m = inputs_, .n = outputs_, .k = examples}, copies.x.data(),
           gradient, dense_gradient + weight_.offset);
  if (dx_columns == 0) return;
  GemmBf16({.transpose_b = true, .m = examples, .n = dx_columns, .k = outputs_}, gradient,
           copies.weight.data(), dx);
}

}  // namespace rookery
