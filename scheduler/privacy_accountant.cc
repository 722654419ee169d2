#include "scheduler/privacy_accountant.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace rookery {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The orders of Google's dp-accounting. More of them would make epsilon a little smaller; any set
// gives one that holds.
std::vector<double> Orders() {
  std::vector<double> orders;
  for (int tenths = 11; tenths < 110; ++tenths) orders.push_back(tenths / 10.0);
  for (int whole = 11; whole < 64; ++whole) orders.push_back(whole);
  for (const double large : {128.0, 256.0, 512.0, 1024.0}) orders.push_back(large);
  return orders;
}

// Sums numbers that are given by their logarithms.
class LogSum {
 public:
  void Add(double log_value) {
    if (log_value > largest_) {
      sum_ = sum_ * std::exp(largest_ - log_value) + 1;
      largest_ = log_value;
    } else {
      sum_ += std::exp(log_value - largest_);
    }
  }
  [[nodiscard]] double log() const { return largest_ + std::log(sum_); }

 private:
  double largest_ = -std::numeric_limits<double>::max();
  double sum_ = 0;
};

// ln A of a whole order: the binomial sum of (1 - q + q x)^a with E x^k = exp((k^2 - k) / (2 s^2)).
double LogMomentOfWhole(double q, double s, double order) {
  LogSum sum;
  for (double k = 0; k <= order; ++k) {
    const double log_binomial =
        std::lgamma(order + 1) - std::lgamma(k + 1) - std::lgamma(order - k + 1);
    sum.Add(log_binomial + k * std::log(q) + (order - k) * std::log1p(-q) +
            (k * k - k) / (2 * s * s));
  }
  return sum.log();
}

// ln A by the trapezoidal rule. The integrand is analytic but for points that are pi s^2 off the
// real line, so that the error falls with exp(-2 pi^2 s^2 / step); beyond 12 deviations is less
// than 1e-32 of it.
double LogMomentByIntegral(double q, double s, double order) {
  constexpr double kTail = 12;
  constexpr double kFineness = 6;
  const double step = std::min(s, s * s) / kFineness;
  const double begin = -kTail * s;
  const auto points = static_cast<std::uint64_t>((order - 2 * begin) / step) + 1;
  const double log_keep = std::log1p(-q);
  LogSum sum;
  for (std::uint64_t i = 0; i < points; ++i) {
    const double z = begin + static_cast<double>(i) * step;
    const double log_sampled = std::log(q) + (2 * z - 1) / (2 * s * s);
    const double high = std::max(log_keep, log_sampled);
    const double low = std::min(log_keep, log_sampled);
    sum.Add(order * (high + std::log1p(std::exp(low - high))) - z * z / (2 * s * s));
  }
  constexpr double kRootOfTwoPi = 2.5066282746310005;
  return sum.log() + std::log(step / (s * kRootOfTwoPi));
}

}  // namespace

double RenyiOfStep(double q, double s, double order) {
  if (q >= 1) return order / (2 * s * s);
  const bool whole = order == std::floor(order);
  const double log_moment =
      whole ? LogMomentOfWhole(q, s, order) : LogMomentByIntegral(q, s, order);
  return std::max(0.0, log_moment) / (order - 1);  // rounding may end below 0
}

double EpsilonOf(const PrivacySpending& spending) {
  // With so little noise epsilon is in the hundreds, and the integral needs many points.
  constexpr double kLeastForIntegral = 0.05;
  const double s = spending.noise_multiplier;
  if (spending.steps == 0 || spending.sampling_rate <= 0) return 0;
  if (!(s > 0)) return kInfinity;
  double epsilon = kInfinity;
  for (const double order : Orders()) {
    if (s < kLeastForIntegral && order != std::floor(order)) continue;
    const double renyi = static_cast<double>(spending.steps) *
                         RenyiOfStep(std::min(1.0, spending.sampling_rate), s, order);
    const double here =
        renyi + std::log1p(-1 / order) - (std::log(spending.delta) + std::log(order)) / (order - 1);
    epsilon = std::min(epsilon, here);
  }
  return std::max(0.0, epsilon);
}

}  // namespace rookery
