// The (epsilon, delta) that DP-SGD has spent: Renyi differential privacy (RDP) of the Gaussian
// mechanism on a Poisson sample, added up over the steps.
//
//   RDP of one step at order a: ln A / (a - 1), where
//     A = E over z of N(0, s^2) of (1 - q + q exp((2 z - 1) / (2 s^2)))^a
//   with sampling rate q and noise multiplier s; with q = 1 it is a / (2 s^2).
//     Mironov, Talwar, Zhang: Renyi differential privacy of the sampled Gaussian mechanism, 2019.
//   epsilon = min over a of steps * RDP + ln((a - 1) / a) - (ln delta + ln a) / (a - 1).
//     Balle, Barthe, Gaboardi, Hsu, Sato: Hypothesis testing interpretations and Renyi differential
//     privacy, 2020, theorem 21; Canonne, Kamath, Steinke: The discrete Gaussian, 2020.
//
// Two data sets are neighbours when one has an example more.
// Pure; any thread.
#pragma once

#include <cstdint>

namespace rookery {

struct PrivacySpending {
  double sampling_rate = 0;     // probability of an example to be in a step, [0, 1]
  double noise_multiplier = 0;  // deviation of the noise over the clipping norm
  double delta = 1e-5;          // in (0, 1)
  std::uint64_t steps = 0;
};

// Infinite without noise; 0 when nothing was looked at.
[[nodiscard]] double EpsilonOf(const PrivacySpending& spending);

// RDP of one step. REQUIRES: 0 < q <= 1, s > 0, order > 1.
[[nodiscard]] double RenyiOfStep(double q, double s, double order);

}  // namespace rookery
