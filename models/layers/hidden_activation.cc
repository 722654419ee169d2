#include "models/layers/hidden_activation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rookery {
namespace {

constexpr float kPreluStart = 0.25F;
constexpr float kRootHalf = std::numbers::sqrt2_v<float> / 2;

float Sigmoid(float x) {
  return 1.0F / (1.0F + std::exp(-x));
}
float NormalShare(float x) {
  return 0.5F * (1.0F + std::erf(x * kRootHalf));
}
float NormalDensity(float x) {
  return std::exp(-0.5F * x * x) * (kRootHalf * std::numbers::inv_sqrtpi_v<float>);
}

void AddToRows(std::size_t rows, std::size_t width, const float* __restrict bias,
               float* __restrict y) {
  if (bias == nullptr) return;
  for (std::size_t b = 0; b < rows; ++b, y += width) {
    for (std::size_t i = 0; i < width; ++i) y[i] += bias[i];
  }
}

void SumRows(std::size_t rows, std::size_t width, const float* __restrict x,
             float* __restrict sum) {
  if (sum == nullptr) return;
  std::fill_n(sum, width, 0.0F);
  for (std::size_t b = 0; b < rows; ++b, x += width) {
    for (std::size_t i = 0; i < width; ++i) sum[i] += x[i];
  }
}

}  // namespace

HiddenActivation::HiddenActivation(Activation kind, const std::string& name, std::size_t width,
                                   DenseLayout& layout)
    : kind_(kind), width_(width) {
  if (kind == Activation::kPrelu) {
    slope_ = layout.AddConstant(name + ".slope", 1, width, kPreluStart);
  }
  if (kind == Activation::kDice) {
    slope_ = layout.AddConstant(name + ".slope", 1, width, 0);
    norm_ = MakeBatchNorm(name + ".dice", width, layout);
  }
}

// y is x, and becomes the output.
void HiddenActivation::Apply(std::size_t examples, const float* dense, const float* gate,
                             float* y) const {
  const float* slope = dense + slope_.offset;
  for (std::size_t b = 0; b < examples; ++b, y += width_) {
    for (std::size_t i = 0; i < width_; ++i) {
      const float x = y[i];
      switch (kind_) {
        case Activation::kGelu:
          y[i] = x * NormalShare(x);
          break;
        case Activation::kSilu:
          y[i] = x * Sigmoid(x);
          break;
        case Activation::kPrelu:
          y[i] = x > 0 ? x : slope[i] * x;
          break;
        default:
          y[i] = x * (slope[i] + (1 - slope[i]) * gate[b * width_ + i]);
      }
    }
  }
}

void HiddenActivation::Infer(std::size_t examples, const float* dense, const float* bias,
                             State& state, float* y) const {
  if (KnownByOutput(kind_)) return ActivationForward(kind_, examples, width_, bias, y);
  AddToRows(examples, width_, bias, y);
  float* gate = nullptr;
  if (kind_ == Activation::kDice) {
    gate = state.gate.Grow(examples * width_);
    std::copy_n(y, examples * width_, gate);
    norm_->Infer(examples, dense, gate);
    ActivationForward(Activation::kSigmoid, examples, width_, nullptr, gate);
  }
  Apply(examples, dense, gate, y);
}

void HiddenActivation::Forward(std::size_t examples, const float* dense, const float* bias,
                               State& state, float* y) const {
  if (KnownByOutput(kind_)) return ActivationForward(kind_, examples, width_, bias, y);
  AddToRows(examples, width_, bias, y);
  std::copy_n(y, examples * width_, state.x.Grow(examples * width_));
  float* gate = nullptr;
  if (kind_ == Activation::kDice) {
    gate = state.gate.Grow(examples * width_);
    std::copy_n(y, examples * width_, gate);
    norm_->Forward(examples, dense, state.norm, gate);
    ActivationForward(Activation::kSigmoid, examples, width_, nullptr, gate);
  }
  Apply(examples, dense, gate, y);
}

void HiddenActivation::Backward(std::size_t examples, const float* dense, const float* y,
                                State& state, float* dy, float* bias_gradient,
                                float* dense_gradient) const {
  if (KnownByOutput(kind_)) {
    return ActivationBackward(kind_, examples, width_, y, dy, bias_gradient);
  }
  if (kind_ == Activation::kDice) {
    DiceBackward(examples, dense, state, dy, dense_gradient);
  } else {
    const float* x = state.x.data();
    const float* slope = dense + slope_.offset;
    float* d_slope = dense_gradient + slope_.offset;
    if (kind_ == Activation::kPrelu) std::fill_n(d_slope, width_, 0.0F);
    for (std::size_t at = 0; at < examples * width_; ++at) {
      const std::size_t i = at % width_;
      if (kind_ == Activation::kGelu) {
        dy[at] *= NormalShare(x[at]) + x[at] * NormalDensity(x[at]);
      } else if (kind_ == Activation::kSilu) {
        const float share = Sigmoid(x[at]);
        dy[at] *= share * (1 + x[at] * (1 - share));
      } else if (x[at] <= 0) {
        d_slope[i] += dy[at] * x[at];
        dy[at] *= slope[i];
      }
    }
  }
  SumRows(examples, width_, dy, bias_gradient);
}

void HiddenActivation::DiceBackward(std::size_t examples, const float* dense, State& state,
                                    float* dy, float* dense_gradient) const {
  const float* x = state.x.data();
  const float* gate = state.gate.data();
  const float* slope = dense + slope_.offset;
  float* d_slope = dense_gradient + slope_.offset;
  float* d_gate = state.d_gate.Grow(examples * width_);
  std::fill_n(d_slope, width_, 0.0F);
  for (std::size_t at = 0; at < examples * width_; ++at) {
    const std::size_t i = at % width_;
    d_slope[i] += dy[at] * x[at] * (1 - gate[at]);
    d_gate[at] = dy[at] * x[at] * (1 - slope[i]) * gate[at] * (1 - gate[at]);
    dy[at] *= slope[i] + (1 - slope[i]) * gate[at];
  }
  norm_->Backward(examples, dense, state.norm, d_gate, dense_gradient);
  for (std::size_t at = 0; at < examples * width_; ++at) dy[at] += d_gate[at];
}

GraphBuilder::Value HiddenActivation::Describe(GraphBuilder& graph, GraphBuilder::Value x) const {
  switch (kind_) {
    case Activation::kRelu:
      return graph.Relu(x);
    case Activation::kSigmoid:
      return graph.Sigmoid(x);
    case Activation::kTanh:
      return graph.Tanh(x);
    case Activation::kGelu:
      return graph.Scale(graph.Add(x, graph.Multiply(x, graph.Erf(graph.Scale(x, kRootHalf)))),
                         0.5F);
    case Activation::kSilu:
      return graph.Multiply(x, graph.Sigmoid(x));
    case Activation::kPrelu: {
      const auto below = graph.Scale(graph.Relu(graph.Scale(x, -1)), -1);
      return graph.Add(graph.Relu(x), graph.MultiplyParameter(below, slope_.name));
    }
    case Activation::kDice:
      break;
  }
  const auto gated = graph.Multiply(x, graph.Sigmoid(norm_->Describe(graph, x)));
  const auto rest = graph.Add(x, graph.Scale(gated, -1));
  return graph.Add(gated, graph.MultiplyParameter(rest, slope_.name));
}

}  // namespace rookery
