#include <algorithm>
#include <cmath>
#include <numbers>

#include "ps/updater.h"
#include "ps/updaters/rules.h"

namespace rookery {

double PowerOf(double base, std::uint64_t exponent) {
  double power = 1;
  for (; exponent != 0; exponent >>= 1U) {
    if ((exponent & 1U) != 0) power *= base;
    base *= base;
  }
  return power;
}

namespace {

double FactorAt(const LearningRate& schedule, std::uint64_t steps) {
  if (schedule.kind == ScheduleKind::kStep && schedule.every_steps > 0) {
    return PowerOf(schedule.factor, steps / schedule.every_steps);
  }
  if (schedule.kind == ScheduleKind::kCosine && schedule.total_steps > 0) {
    const double part =
        std::min(static_cast<double>(steps) / static_cast<double>(schedule.total_steps), 1.0);
    const double wave = (1 + std::cos(std::numbers::pi * part)) / 2;
    return schedule.factor + (1 - static_cast<double>(schedule.factor)) * wave;
  }
  return 1;
}

}  // namespace

float RateAt(const LearningRate& schedule, UpdateStep step) {
  const double rate = schedule.rate;
  if (step.t < schedule.warmup_steps) {
    return static_cast<float>(rate * static_cast<double>(step.t) /
                              static_cast<double>(schedule.warmup_steps)) *
           step.rate_scale;
  }
  return static_cast<float>(rate * FactorAt(schedule, step.t - schedule.warmup_steps)) *
         step.rate_scale;
}

}  // namespace rookery
