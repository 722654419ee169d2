// A sum of squares whose bits depend neither on the compiler nor on how it vectorises. Pure.
#pragma once

#include <array>
#include <cstddef>

namespace rookery {

// Of the doubles value(0), ..., value(size - 1): by eight lanes, then the lanes from left to right.
template <class Value>
[[nodiscard]] double SumSquares(std::size_t size, Value value) {
  constexpr std::size_t kLanes = 8;
  std::array<double, kLanes> lanes{};
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double x = value(i + lane);
      lanes[lane] += x * x;
    }
  }
  for (std::size_t lane = 0; i < size; ++i, ++lane) {
    const double x = value(i);
    lanes[lane] += x * x;
  }
  double sum = 0;
  for (const double lane : lanes) sum += lane;
  return sum;
}

}  // namespace rookery
