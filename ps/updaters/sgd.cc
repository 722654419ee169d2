// w -= lr g
#include "ps/updaters/rules.h"

namespace rookery {
namespace {

struct SgdRule {
  static constexpr std::size_t kStates = 0;
  static constexpr bool kFrontL2 = true;
  struct Scalars {
    float rate;
  };

  explicit SgdRule(const UpdaterSpec& spec) : schedule(spec.learning_rate) {}
  [[nodiscard]] float InitialState(std::size_t /*k*/) const { return 0; }
  [[nodiscard]] Scalars At(UpdateStep step, bool /*regularize*/) const {
    return {RateAt(schedule, step)};
  }
  static void Update(const Scalars& s, float* __restrict w, float* const* /*state*/,
                     const float* __restrict g, std::size_t n) {
    const float rate = s.rate;
    for (std::size_t i = 0; i < n; ++i) w[i] -= rate * g[i];
  }

  LearningRate schedule;
};

}  // namespace

std::unique_ptr<Updater> MakeSgd(const UpdaterSpec& spec) {
  return std::make_unique<RuleUpdater<SgdRule>>(spec);
}

}  // namespace rookery
