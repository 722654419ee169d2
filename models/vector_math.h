// Sums over a row, in a fixed order of 16 lanes that the compiler can vectorise: the same bits for
// the same row, whatever the alignment.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace rookery {

inline constexpr std::size_t kLanes = 16;

// Sum of term(i) for i in [0, count).
template <class Term>
float LaneSum(std::size_t count, const Term& term) {
  std::array<float, kLanes> lanes{};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += term(i + lane);
  }
  for (std::size_t lane = 0; i < count; ++i, ++lane) lanes[lane] += term(i);
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
}

inline float Sum(const float* x, std::size_t count) {
  return LaneSum(count, [x](std::size_t i) { return x[i]; });
}

inline float Dot(const float* x, const float* y, std::size_t count) {
  return LaneSum(count, [x, y](std::size_t i) { return x[i] * y[i]; });
}

// y += factor * x. The rows do not overlap.
inline void AddScaled(float factor, const float* __restrict x, std::size_t count,
                      float* __restrict y) {
  for (std::size_t i = 0; i < count; ++i) y[i] += factor * x[i];
}

// y becomes exp(y) / sum(exp(y)), count > 0; from the largest value, so that nothing overflows.
inline void SoftmaxRow(float* y, std::size_t count) {
  const float largest = *std::max_element(y, y + count);
  float sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    y[i] = std::exp(y[i] - largest);
    sum += y[i];
  }
  for (std::size_t i = 0; i < count; ++i) y[i] /= sum;
}

}  // namespace rookery
