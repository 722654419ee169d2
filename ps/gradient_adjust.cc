#include "ps/gradient_adjust.h"

#include <algorithm>
#include <cmath>

#include "ps/updaters/gradient_front.h"

namespace rookery {

void CompensateDelay(float lambda, const float* weights, const float* pulled,
                     std::span<float> gradient) {
  float* const g = gradient.data();
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    g[i] += lambda * g[i] * g[i] * (weights[i] - pulled[i]);
  }
}

void ClipByCount(const UpdaterSpec& spec, std::uint32_t count, const float* weights,
                 std::span<float> gradient) {
  const double of_weights = spec.clip_cow * std::sqrt(SquaredNorm(weights, gradient.size()));
  const double limit = count * std::max(of_weights, static_cast<double>(spec.clip_cow_floor));
  const double norm = std::sqrt(SquaredNorm(gradient.data(), gradient.size()));
  if (norm <= limit) return;
  const auto scale = static_cast<float>(limit / norm);
  for (float& x : gradient) x *= scale;
}

}  // namespace rookery
