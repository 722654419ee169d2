#include <algorithm>
#include <cmath>

#include "models/layers/norm.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

class LayerNorm final : public Norm {
 public:
  LayerNorm(const std::string& name, std::size_t width, DenseLayout& layout)
      : width_(width),
        gain_(layout.AddConstant(name + ".gain", 1, width, 1)),
        shift_(layout.AddConstant(name + ".shift", 1, width, 0)) {}

  void Forward(std::size_t examples, const float* dense, State& state, float* y) const override {
    float* normalized = state.normalized.Grow(examples * width_);
    float* inverse = state.inverse_deviation.Grow(examples);
    for (std::size_t b = 0; b < examples; ++b) {
      const std::size_t at = b * width_;
      inverse[b] = Normalize(y + at, normalized + at);
      GainAndShift(dense, normalized + at, y + at);
    }
  }

  void Infer(std::size_t examples, const float* dense, float* y) const override {
    for (std::size_t b = 0; b < examples; ++b, y += width_) {
      Normalize(y, y);
      GainAndShift(dense, y, y);
    }
  }

  void Backward(std::size_t examples, const float* dense, const State& state, float* dy,
                float* dense_gradient) const override {
    const float* gain = dense + gain_.offset;
    float* gain_gradient = dense_gradient + gain_.offset;
    float* shift_gradient = dense_gradient + shift_.offset;
    std::fill_n(gain_gradient, width_, 0.0F);
    std::fill_n(shift_gradient, width_, 0.0F);
    const float scale = 1.0F / static_cast<float>(width_);
    for (std::size_t b = 0; b < examples; ++b) {
      float* __restrict row = dy + b * width_;
      const float* __restrict normalized = state.normalized.data() + b * width_;
      const float inverse = state.inverse_deviation.data()[b];
      for (std::size_t i = 0; i < width_; ++i) {
        shift_gradient[i] += row[i];
        gain_gradient[i] += row[i] * normalized[i];
        row[i] *= gain[i];
      }
      const float mean = Sum(row, width_) * scale;
      const float slope = Dot(row, normalized, width_) * scale;
      for (std::size_t i = 0; i < width_; ++i) {
        row[i] = inverse * (row[i] - mean - normalized[i] * slope);
      }
    }
  }

  GraphBuilder::Value Describe(GraphBuilder& graph, GraphBuilder::Value x) const override {
    return graph.LayerNorm(x, gain_.name, shift_.name, kNormEpsilon);
  }

 private:
  // Returns 1 / deviation. `x` and `normalized` may be the same.
  float Normalize(const float* x, float* normalized) const {
    const float scale = 1.0F / static_cast<float>(width_);
    const float mean = Sum(x, width_) * scale;
    const float variance =
        scale * LaneSum(width_, [&](std::size_t i) { return (x[i] - mean) * (x[i] - mean); });
    const float inverse = 1.0F / std::sqrt(variance + kNormEpsilon);
    for (std::size_t i = 0; i < width_; ++i) normalized[i] = (x[i] - mean) * inverse;
    return inverse;
  }

  void GainAndShift(const float* dense, const float* normalized, float* y) const {
    const float* gain = dense + gain_.offset;
    const float* shift = dense + shift_.offset;
    for (std::size_t i = 0; i < width_; ++i) y[i] = normalized[i] * gain[i] + shift[i];
  }

  std::size_t width_;
  DenseBlock gain_;
  DenseBlock shift_;
};

}  // namespace

std::unique_ptr<Norm> MakeLayerNorm(const std::string& name, std::size_t width,
                                    DenseLayout& layout) {
  return std::make_unique<LayerNorm>(name, width, layout);
}

}  // namespace rookery
