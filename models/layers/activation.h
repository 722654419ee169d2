// Activations in place, fused with the bias: one pass forward, one pass backward.
//
// Shapes   y [B, width], bias [width] or nullptr. Pure functions, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/error.h"

namespace rookery {

// kRelu, kSigmoid, kTanh need nothing but their output for the way back. The others are for
// layers/hidden_activation.h, which says what they are.
enum class Activation : std::uint8_t { kRelu, kSigmoid, kTanh, kGelu, kSilu, kPrelu, kDice };

inline constexpr std::array<std::string_view, 7> kActivationNames = {
    "relu", "sigmoid", "tanh", "gelu", "silu", "prelu", "dice"};

// One of kActivationNames; otherwise kInvalidInput with the list.
[[nodiscard]] StatusOr<Activation> ParseActivation(const std::string& name);
[[nodiscard]] inline bool KnownByOutput(Activation activation) {
  return activation <= Activation::kTanh;
}

// y = activation(y + bias). REQUIRES of both: KnownByOutput(activation).
void ActivationForward(Activation activation, std::size_t examples, std::size_t width,
                       const float* bias, float* y);
// y is the output of the forward pass; dy becomes the gradient before the activation. The bias's
// gradient (nullptr: no bias) is overwritten with the sum over the examples.
void ActivationBackward(Activation activation, std::size_t examples, std::size_t width,
                        const float* y, float* dy, float* bias_gradient);

}  // namespace rookery
