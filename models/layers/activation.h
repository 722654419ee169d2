// Activations in place, fused with the bias: one pass forward, one pass backward.
//
// Shapes   y [B, width], bias [width] or nullptr. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/error.h"

namespace rookery {

enum class Activation : std::uint8_t { kRelu, kSigmoid, kTanh };

// "relu", "sigmoid" or "tanh"; otherwise kInvalidInput with the list.
[[nodiscard]] StatusOr<Activation> ParseActivation(const std::string& name);

// y = activation(y + bias).
void ActivationForward(Activation activation, std::size_t examples, std::size_t width,
                       const float* bias, float* y);
// y is the output of the forward pass; dy becomes the gradient before the activation. The bias's
// gradient (nullptr: no bias) is overwritten with the sum over the examples.
void ActivationBackward(Activation activation, std::size_t examples, std::size_t width,
                        const float* y, float* dy, float* bias_gradient);

}  // namespace rookery
