#include "models/layers/relu_tower_bf16.h"

#include <algorithm>
#include <utility>

#include "common/check.h"
#include "models/gemm_bf16.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

// dy = where relu's output y is positive, else 0; the bias's gradient is overwritten with its sum.
void ReluBackward(std::size_t examples, std::size_t width, const Bf16* __restrict y,
                  Bf16* __restrict dy, float* __restrict bias_gradient) {
  std::fill_n(bias_gradient, width, 0.0F);
  for (std::size_t b = 0; b < examples; ++b, y += width, dy += width) {
    for (std::size_t i = 0; i < width; ++i) {
      dy[i] = y[i] != 0 ? dy[i] : Bf16{0};  // relu's output is positive or 0
      bias_gradient[i] += FromBf16(dy[i]);
    }
  }
}

}  // namespace

ReluTowerBf16::ReluTowerBf16(std::vector<Layer> layers, std::size_t output_weight_offset)
    : layers_(std::move(layers)), output_offset_(output_weight_offset) {
  ROOKERY_CHECK(!layers_.empty());
}

void ReluTowerBf16::Forward(std::size_t examples, const float* dense, const float* x,
                            Scratch& scratch, float* output) const {
  scratch.layers.resize(layers_.size());
  const std::size_t inputs = layers_.front().linear.inputs();
  ToBf16(x, examples * inputs, scratch.layers.front().x.Grow(examples * inputs));
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Linear& linear = layers_[i].linear;
    Scratch::Layer& kept = scratch.layers[i];
    Bf16* weight = kept.weight.Grow(linear.inputs() * linear.outputs());
    ToBf16(dense + linear.weight().offset, linear.inputs() * linear.outputs(), weight);
    GrowBuffer<Bf16>& y = i + 1 < layers_.size() ? scratch.layers[i + 1].x : scratch.last;
    GemmBf16BiasRelu({.m = examples, .n = linear.outputs(), .k = linear.inputs()}, kept.x.data(),
                     weight, dense + layers_[i].bias_offset, y.Grow(examples * linear.outputs()));
  }
  const std::size_t width = layers_.back().linear.outputs();
  const float* weight = dense + output_offset_;
  for (std::size_t b = 0; b < examples; ++b) {
    const Bf16* y = scratch.last.data() + b * width;
    output[b] = LaneSum(width, [&](std::size_t i) { return FromBf16(y[i]) * weight[i]; });
  }
}

// Of the last layer, with its relu and bias: scratch.gradient becomes the gradient of its product.
void ReluTowerBf16::OutputBackward(std::size_t examples, const float* dense, const float* d_output,
                                   Scratch& scratch, float* dense_gradient) const {
  const std::size_t width = layers_.back().linear.outputs();
  const float* __restrict weight = dense + output_offset_;
  float* __restrict weight_gradient = dense_gradient + output_offset_;
  float* __restrict bias_gradient = dense_gradient + layers_.back().bias_offset;
  const Bf16* __restrict y = scratch.last.data();
  Bf16* __restrict dy = scratch.gradient.Grow(examples * width);
  std::fill_n(weight_gradient, width, 0.0F);
  std::fill_n(bias_gradient, width, 0.0F);
  for (std::size_t b = 0; b < examples; ++b, y += width, dy += width) {
    const float d = d_output[b];
    for (std::size_t i = 0; i < width; ++i) {
      const Bf16 gradient = ToBf16(d * weight[i]);  // for all: a branch would cost more
      weight_gradient[i] += d * FromBf16(y[i]);
      dy[i] = y[i] != 0 ? gradient : Bf16{0};
      bias_gradient[i] += FromBf16(dy[i]);
    }
  }
}

void ReluTowerBf16::Backward(std::size_t examples, const float* dense, const float* d_output,
                             Scratch& scratch, float* dense_gradient, std::size_t dx_columns,
                             float* dx) const {
  OutputBackward(examples, dense, d_output, scratch, dense_gradient);
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const Linear& linear = layers_[i].linear;
    Scratch::Layer& kept = scratch.layers[i];
    const Bf16* dy = scratch.gradient.data();
    GemmBf16({.transpose_a = true, .m = linear.inputs(), .n = linear.outputs(), .k = examples},
             kept.x.data(), dy, dense_gradient + linear.weight().offset);
    GemmShape back{.transpose_b = true, .m = examples, .n = linear.inputs(), .k = linear.outputs()};
    if (i == 0) {
      back.n = dx_columns;
      GemmBf16(back, dy, kept.weight.data(), dx);
      return;
    }
    Bf16* below = scratch.next_gradient.Grow(examples * linear.inputs());
    GemmBf16(back, dy, kept.weight.data(), below);
    ReluBackward(examples, linear.inputs(), kept.x.data(), below,
                 dense_gradient + layers_[i - 1].bias_offset);
    std::swap(scratch.gradient, scratch.next_gradient);
  }
}

}  // namespace rookery
