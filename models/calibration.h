// How well probabilities are calibrated, by tenths: the examples in the order of their scores are
// cut into ten parts of equal weight, at the borders of the histogram's bins. A bin is in the tenth
// that its middle is in, and its score is its middle.
//
//   calibration_k  mean score / mean label of tenth k = 1 .. 10, the lowest scores first; absent
//                  where the tenth has no positive label
//   ece            expected calibration error: the mean over examples of |mean score - mean label|
//                  of their tenth (Naeini et al. 2015, with bins of equal weight)
//
// Pure functions of integers: the same bits from any number of workers.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace rookery {

struct Tenth {
  double weight = 0;      // of all bins: 1
  double mean_score = 0;  // 0 without weight
  double mean_label = 0;
};

inline constexpr std::size_t kTenths = 10;

// Weighted counts of the bins [i / n, (i + 1) / n) of the score, n bins of each label.
[[nodiscard]] std::array<Tenth, kTenths> TenthsOf(std::span<const std::uint64_t> positive,
                                                  std::span<const std::uint64_t> negative);
[[nodiscard]] double ExpectedCalibrationError(std::span<const Tenth> tenths);

}  // namespace rookery
