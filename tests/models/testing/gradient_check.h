// ExpectGradient: compares a gradient with central differences of the loss, value by value.
//
// fp32 forward passes carry noise, so an error is relative to the larger of the two numbers, or to
// a twentieth of the largest gradient given, whichever is more; and the rounding of the loss
// itself, divided by the step, is none.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "common/random.h"

namespace rookery {

struct GradientCheckOptions {
  float step = 1e-2F;
  double tolerance = 1e-2;
};

// `loss` reads `values`; every value is moved by the step both ways and put back.
inline void ExpectGradient(const std::string& what, std::span<float> values,
                           std::span<const float> gradient, const std::function<double()>& loss,
                           const GradientCheckOptions& options = {}) {
  ASSERT_EQ(values.size(), gradient.size()) << what;
  double largest = 0;
  for (const float g : gradient) largest = std::max(largest, std::abs(static_cast<double>(g)));
  ASSERT_GT(largest, 0) << what << ": a gradient of zeros checks nothing";
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float kept = values[i];
    const float above = kept + options.step;
    const float below = kept - options.step;
    values[i] = above;
    const double loss_above = loss();
    values[i] = below;
    const double loss_below = loss();
    values[i] = kept;
    const double numeric = (loss_above - loss_below) / (static_cast<double>(above) - below);
    const double given = gradient[i];
    const double scale = std::max({std::abs(numeric), std::abs(given), largest / 20});
    const double rounding = std::abs(loss_above) * 0x1.0p-23 / options.step;
    EXPECT_LT(std::abs(numeric - given), options.tolerance * scale + rounding)
        << what << "[" << i << "]: numeric " << numeric << ", given " << given;
  }
}

// Values in [low, high) of a test's stream.
inline std::vector<float> RandomFloats(Random& random, std::size_t count, float low = -0.5F,
                                       float high = 0.5F) {
  std::vector<float> values(count);
  for (float& v : values) v = low + (high - low) * random.NextFloat();
  return values;
}

// sum of weights[i] * y[i]: a loss whose gradient is `weights`.
inline double WeightedSum(const std::vector<float>& weights, const float* y) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) sum += static_cast<double>(weights[i]) * y[i];
  return sum;
}

}  // namespace rookery
