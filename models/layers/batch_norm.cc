#include <algorithm>
#include <cmath>

#include "models/layers/norm.h"

namespace rookery {
namespace {

class BatchNorm final : public Norm {
 public:
  BatchNorm(const std::string& name, std::size_t width, DenseLayout& layout)
      : width_(width),
        gain_(layout.AddConstant(name + ".gain", 1, width, 1)),
        shift_(layout.AddConstant(name + ".shift", 1, width, 0)),
        mean_(layout.AddConstant(name + ".mean", 1, width, 0, kStatisticRate)),
        variance_(layout.AddConstant(name + ".variance", 1, width, 1, kStatisticRate)) {}

  void Forward(std::size_t examples, const float* dense, State& state, float* y) const override {
    Observe(examples, y, state);
    const float* gain = dense + gain_.offset;
    const float* shift = dense + shift_.offset;
    const float* mean = state.mean.data();
    const float* inverse = state.inverse_deviation.data();
    float* normalized = state.normalized.Grow(examples * width_);
    for (std::size_t b = 0; b < examples; ++b, y += width_, normalized += width_) {
      for (std::size_t i = 0; i < width_; ++i) {
        normalized[i] = (y[i] - mean[i]) * inverse[i];
        y[i] = normalized[i] * gain[i] + shift[i];
      }
    }
  }

  void Infer(std::size_t examples, const float* dense, float* y) const override {
    const float* gain = dense + gain_.offset;
    const float* shift = dense + shift_.offset;
    const float* mean = dense + mean_.offset;
    const float* variance = dense + variance_.offset;
    for (std::size_t b = 0; b < examples; ++b, y += width_) {
      for (std::size_t i = 0; i < width_; ++i) {
        y[i] = (y[i] - mean[i]) / std::sqrt(variance[i] + kNormEpsilon) * gain[i] + shift[i];
      }
    }
  }

  void Backward(std::size_t examples, const float* dense, const State& state, float* dy,
                float* dense_gradient) const override {
    const float* gain = dense + gain_.offset;
    const float* inverse = state.inverse_deviation.data();
    float* __restrict gain_gradient = dense_gradient + gain_.offset;
    float* __restrict shift_gradient = dense_gradient + shift_.offset;
    std::fill_n(gain_gradient, width_, 0.0F);
    std::fill_n(shift_gradient, width_, 0.0F);
    const float* normalized = state.normalized.data();
    for (std::size_t b = 0; b < examples; ++b) {
      const std::size_t at = b * width_;
      for (std::size_t i = 0; i < width_; ++i) {
        shift_gradient[i] += dy[at + i];
        gain_gradient[i] += dy[at + i] * normalized[at + i];
      }
    }
    const float scale = 1.0F / static_cast<float>(examples);
    for (std::size_t b = 0; b < examples; ++b) {
      const std::size_t at = b * width_;
      for (std::size_t i = 0; i < width_; ++i) {
        const float centred = dy[at + i] - shift_gradient[i] * scale;
        dy[at + i] =
            gain[i] * inverse[i] * (centred - normalized[at + i] * (gain_gradient[i] * scale));
      }
    }
    const auto weight = static_cast<float>(examples);
    for (std::size_t i = 0; i < width_; ++i) {
      dense_gradient[mean_.offset + i] = (dense[mean_.offset + i] - state.mean.data()[i]) * weight;
      dense_gradient[variance_.offset + i] =
          (dense[variance_.offset + i] - state.variance.data()[i]) * weight;
    }
  }

  GraphBuilder::Value Describe(GraphBuilder& graph, GraphBuilder::Value x) const override {
    return graph.BatchNorm(x, mean_.name, variance_.name, gain_.name, shift_.name, kNormEpsilon);
  }

 private:
  // Mean, variance and 1 / deviation of each column.
  void Observe(std::size_t examples, const float* y, State& state) const {
    float* __restrict mean = state.mean.Grow(width_);
    float* __restrict variance = state.variance.Grow(width_);
    float* __restrict inverse = state.inverse_deviation.Grow(width_);
    const float scale = 1.0F / static_cast<float>(examples);
    std::fill_n(mean, width_, 0.0F);
    std::fill_n(variance, width_, 0.0F);
    for (std::size_t b = 0; b < examples; ++b) {
      for (std::size_t i = 0; i < width_; ++i) mean[i] += y[b * width_ + i];
    }
    for (std::size_t i = 0; i < width_; ++i) mean[i] *= scale;
    for (std::size_t b = 0; b < examples; ++b) {
      for (std::size_t i = 0; i < width_; ++i) {
        const float difference = y[b * width_ + i] - mean[i];
        variance[i] += difference * difference;
      }
    }
    for (std::size_t i = 0; i < width_; ++i) {
      variance[i] *= scale;
      inverse[i] = 1.0F / std::sqrt(variance[i] + kNormEpsilon);
    }
  }

  std::size_t width_;
  DenseBlock gain_;
  DenseBlock shift_;
  DenseBlock mean_;
  DenseBlock variance_;
};

}  // namespace

std::unique_ptr<Norm> MakeBatchNorm(const std::string& name, std::size_t width,
                                    DenseLayout& layout) {
  return std::make_unique<BatchNorm>(name, width, layout);
}

}  // namespace rookery
