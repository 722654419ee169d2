// ZipfSampler: ranks 1..n with probability proportional to rank^-exponent, in constant time and
// memory for any n: rejection-inversion (W. Hoermann, G. Derflinger, "Rejection-inversion to
// generate variates from monotone discrete distributions", 1996). exponent 0 is uniform.
//
// A value; Sample is const, any thread.
#pragma once

#include <cmath>
#include <cstdint>

#include "common/check.h"
#include "common/random.h"

namespace rookery {

class ZipfSampler {
 public:
  // REQUIRES: n >= 1, exponent >= 0 and finite.
  ZipfSampler(std::uint64_t n, double exponent) : n_(n), exponent_(exponent) {
    ROOKERY_CHECK(n >= 1 && exponent >= 0 && std::isfinite(exponent));
    low_ = Integral(1.5) - 1.0;
    high_ = Integral(static_cast<double>(n) + 0.5);
    squeeze_ = 2.0 - InverseIntegral(Integral(2.5) - Density(2.0));
  }

  [[nodiscard]] std::uint64_t Sample(Random& random) const {
    if (exponent_ == 0) return 1 + random.NextBelow(n_);
    while (true) {
      const double area = high_ + random.NextDouble() * (low_ - high_);
      const double x = InverseIntegral(area);
      const double nearest = std::floor(x + 0.5);
      const double rank = std::fmin(std::fmax(nearest, 1.0), static_cast<double>(n_));
      if (rank - x <= squeeze_ || area >= Integral(rank + 0.5) - Density(rank)) {
        return static_cast<std::uint64_t>(rank);
      }
    }
  }

 private:
  [[nodiscard]] double Density(double x) const { return std::exp(-exponent_ * std::log(x)); }
  // Of the density from 1 to x.
  [[nodiscard]] double Integral(double x) const {
    const double log_x = std::log(x);
    const double power = (1.0 - exponent_) * log_x;
    return std::abs(power) < 1e-8 ? log_x * (1.0 + power / 2.0)
                                  : std::expm1(power) / (1.0 - exponent_);
  }
  [[nodiscard]] double InverseIntegral(double area) const {
    const double power = std::fmax(area * (1.0 - exponent_), -1.0);
    const double log_x =
        std::abs(power) < 1e-8 ? area * (1.0 - power / 2.0) : std::log1p(power) / (1.0 - exponent_);
    return std::exp(log_x);
  }

  std::uint64_t n_;
  double exponent_;
  double low_;
  double high_;
  double squeeze_;
};

}  // namespace rookery
