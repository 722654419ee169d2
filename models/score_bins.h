// What binary metrics count: the score's probability in fine bins, weighted examples in 2^-10. Sums
// of these merge exactly. Pure functions and plain data.
//
// Source   AUC by trapezoids over the bins: pairs (positive, negative) in the right order count 1,
//          pairs in one bin 1/2.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace rookery {

inline constexpr std::size_t kScoreBins = std::size_t{1} << 17U;

// REQUIRES: a finite score.
[[nodiscard]] inline std::size_t ScoreBinOf(double score) {
  const auto bin =
      static_cast<std::int64_t>(std::clamp(score, 0.0, 1.0) * static_cast<double>(kScoreBins));
  return std::min(static_cast<std::size_t>(bin), kScoreBins - 1);
}

// REQUIRES: a finite weight. One below 0 counts nothing.
[[nodiscard]] inline std::uint64_t CountOfWeight(double weight) {
  constexpr double kCountScale = 0x1.0p10;
  constexpr double kWeightMax = 0x1.0p40;
  return static_cast<std::uint64_t>(
      static_cast<std::int64_t>(std::nearbyint(std::clamp(weight, 0.0, kWeightMax) * kCountScale)));
}

class AucSum {
 public:
  // The counts of one bin, in ascending order of the bins.
  void Add(std::uint64_t positive, std::uint64_t negative) {
    twice_area_ += Wide{positive} * (Wide{negatives_} * 2 + negative);
    positives_ += positive;
    negatives_ += negative;
  }
  [[nodiscard]] std::uint64_t positives() const { return positives_; }
  [[nodiscard]] std::uint64_t negatives() const { return negatives_; }
  // REQUIRES: both classes have weight.
  [[nodiscard]] double Value() const {
    return static_cast<double>(twice_area_) / 2.0 /
           (static_cast<double>(positives_) * static_cast<double>(negatives_));
  }

 private:
  __extension__ using Wide = unsigned __int128;
  Wide twice_area_ = 0;
  std::uint64_t positives_ = 0, negatives_ = 0;
};

}  // namespace rookery
