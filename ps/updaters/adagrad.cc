// n += g^2; w -= lr g / (sqrt(n) + epsilon)                                       (Duchi 2011)
#include <cmath>

#include "ps/updaters/rules.h"

namespace rookery {
namespace {

struct AdagradRule {
  static constexpr std::size_t kStates = 1;
  static constexpr bool kFrontL2 = true;
  struct Scalars {
    float rate;
    float epsilon;
  };

  explicit AdagradRule(const UpdaterSpec& spec)
      : schedule(spec.learning_rate), epsilon(spec.epsilon), initial(spec.initial_accumulator) {}
  [[nodiscard]] float InitialState(std::size_t /*k*/) const { return initial; }
  [[nodiscard]] Scalars At(UpdateStep step, bool /*regularize*/) const {
    return {RateAt(schedule, step), epsilon};
  }
  static void Update(const Scalars& s, float* __restrict w, float* const* state,
                     const float* __restrict g, std::size_t n) {
    float* __restrict sum = state[0];
    const auto [rate, epsilon] = s;
    for (std::size_t i = 0; i < n; ++i) {
      sum[i] += g[i] * g[i];
      w[i] -= rate * g[i] / (std::sqrt(sum[i]) + epsilon);
    }
  }

  LearningRate schedule;
  float epsilon;
  float initial;
};

}  // namespace

std::unique_ptr<Updater> MakeAdagrad(const UpdaterSpec& spec) {
  return std::make_unique<RuleUpdater<AdagradRule>>(spec);
}

}  // namespace rookery
