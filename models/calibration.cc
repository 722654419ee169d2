#include "models/calibration.h"

#include <algorithm>
#include <cmath>

#include "common/check.h"

namespace rookery {

std::array<Tenth, kTenths> TenthsOf(std::span<const std::uint64_t> positive,
                                    std::span<const std::uint64_t> negative) {
  ROOKERY_CHECK(positive.size() == negative.size());
  std::uint64_t total = 0;
  for (std::size_t bin = 0; bin < positive.size(); ++bin) total += positive[bin] + negative[bin];
  std::array<std::uint64_t, kTenths> weights{}, labels{};
  std::array<double, kTenths> scores{};
  std::uint64_t below = 0;
  for (std::size_t bin = 0; bin < positive.size(); ++bin) {
    const std::uint64_t weight = positive[bin] + negative[bin];
    if (weight == 0) continue;
    const double middle = static_cast<double>(below) + static_cast<double>(weight) / 2;
    const auto tenth = std::min(
        static_cast<std::size_t>(middle / static_cast<double>(total) * kTenths), kTenths - 1);
    below += weight;
    weights[tenth] += weight;
    labels[tenth] += positive[bin];
    scores[tenth] += static_cast<double>(weight) * (static_cast<double>(bin) + 0.5) /
                     static_cast<double>(positive.size());
  }
  std::array<Tenth, kTenths> tenths;
  for (std::size_t t = 0; t < kTenths; ++t) {
    if (weights[t] == 0) continue;
    const auto weight = static_cast<double>(weights[t]);
    tenths[t] = {weight / static_cast<double>(total), scores[t] / weight,
                 static_cast<double>(labels[t]) / weight};
  }
  return tenths;
}

double ExpectedCalibrationError(std::span<const Tenth> tenths) {
  double error = 0;
  for (const Tenth& tenth : tenths) {
    error += tenth.weight * std::abs(tenth.mean_score - tenth.mean_label);
  }
  return error;
}

}  // namespace rookery
