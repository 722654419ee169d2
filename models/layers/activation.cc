#include "models/layers/activation.h"

#include <algorithm>
#include <cmath>

#include "common/check.h"

namespace rookery {
namespace {

template <class Function>
void Forward(std::size_t examples, std::size_t width, const float* __restrict bias,
             float* __restrict y, const Function& function) {
  for (std::size_t b = 0; b < examples; ++b, y += width) {
    if (bias == nullptr) {
      for (std::size_t i = 0; i < width; ++i) y[i] = function(y[i]);
    } else {
      for (std::size_t i = 0; i < width; ++i) y[i] = function(y[i] + bias[i]);
    }
  }
}

// slope(y) is the derivative in terms of the output.
template <class Slope>
void Backward(std::size_t examples, std::size_t width, const float* __restrict y,
              float* __restrict dy, float* __restrict bias_gradient, const Slope& slope) {
  if (bias_gradient != nullptr) std::fill_n(bias_gradient, width, 0.0F);
  for (std::size_t b = 0; b < examples; ++b, y += width, dy += width) {
    if (bias_gradient == nullptr) {
      for (std::size_t i = 0; i < width; ++i) dy[i] = slope(y[i], dy[i]);
    } else {
      for (std::size_t i = 0; i < width; ++i) {
        dy[i] = slope(y[i], dy[i]);
        bias_gradient[i] += dy[i];
      }
    }
  }
}

}  // namespace

StatusOr<Activation> ParseActivation(const std::string& name) {
  std::string known;
  for (std::size_t i = 0; i < kActivationNames.size(); ++i) {
    if (kActivationNames[i] == name) return static_cast<Activation>(i);
    known += StrCat(i == 0 ? "" : ", ", kActivationNames[i]);
  }
  return InvalidInput("unknown activation '", name, "'; known: ", known);
}

void ActivationForward(Activation activation, std::size_t examples, std::size_t width,
                       const float* bias, float* y) {
  switch (activation) {
    case Activation::kRelu:
      return Forward(examples, width, bias, y, [](float z) { return z < 0 ? 0.0F : z; });
    case Activation::kSigmoid:
      return Forward(examples, width, bias, y,
                     [](float z) { return 1.0F / (1.0F + std::exp(-z)); });
    case Activation::kTanh:
      return Forward(examples, width, bias, y, [](float z) { return std::tanh(z); });
    default:
      ROOKERY_CHECK(false) << "no function of one number";
  }
}

void ActivationBackward(Activation activation, std::size_t examples, std::size_t width,
                        const float* y, float* dy, float* bias_gradient) {
  switch (activation) {
    case Activation::kRelu:
      return Backward(examples, width, y, dy, bias_gradient,
                      [](float out, float gradient) { return out > 0 ? gradient : 0.0F; });
    case Activation::kSigmoid:
      return Backward(examples, width, y, dy, bias_gradient,
                      [](float out, float gradient) { return gradient * out * (1.0F - out); });
    case Activation::kTanh:
      return Backward(examples, width, y, dy, bias_gradient,
                      [](float out, float gradient) { return gradient * (1.0F - out * out); });
    default:
      ROOKERY_CHECK(false) << "not known by its output";
  }
}

}  // namespace rookery
