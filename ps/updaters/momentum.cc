// m = momentum m + g; w -= lr m                                                  (Polyak 1964)
// Lazy: m of a row that was not touched keeps its value.
#include "ps/updaters/rules.h"

namespace rookery {
namespace {

struct MomentumRule {
  static constexpr std::size_t kStates = 1;
  static constexpr bool kFrontL2 = true;
  struct Scalars {
    float rate;
    float momentum;
  };

  explicit MomentumRule(const UpdaterSpec& spec)
      : schedule(spec.learning_rate), momentum(spec.momentum) {}
  [[nodiscard]] float InitialState(std::size_t /*k*/) const { return 0; }
  [[nodiscard]] Scalars At(UpdateStep step, bool /*regularize*/) const {
    return {RateAt(schedule, step), momentum};
  }
  static void Update(const Scalars& s, float* __restrict w, float* const* state,
                     const float* __restrict g, std::size_t n) {
    float* __restrict m = state[0];
    const auto [rate, momentum] = s;
    for (std::size_t i = 0; i < n; ++i) {
      m[i] = momentum * m[i] + g[i];
      w[i] -= rate * m[i];
    }
  }

  LearningRate schedule;
  float momentum;
};

}  // namespace

std::unique_ptr<Updater> MakeMomentum(const UpdaterSpec& spec) {
  return std::make_unique<RuleUpdater<MomentumRule>>(spec);
}

}  // namespace rookery
