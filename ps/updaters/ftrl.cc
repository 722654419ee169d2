// FTRL-Proximal, alpha = lr                                                     (McMahan 2013)
//   sigma = (sqrt(n + g^2) - sqrt(n)) / lr;  z += g - sigma w;  n += g^2
//   w = 0 when |z| <= l1, else -(z - sign(z) l1) / ((beta + sqrt(n)) / lr + l2)
// A step with rate 0 changes nothing.
#include <cmath>

#include "ps/updaters/rules.h"

namespace rookery {
namespace {

struct FtrlRule {
  static constexpr std::size_t kStates = 2;  // z, n
  static constexpr bool kFrontL2 = false;
  struct Scalars {
    float rate;
    float beta;
    float l1;
    float l2;
  };

  explicit FtrlRule(const UpdaterSpec& s) : spec(s) {}
  [[nodiscard]] float InitialState(std::size_t k) const {
    return k == 0 ? 0 : spec.initial_accumulator;
  }
  [[nodiscard]] Scalars At(UpdateStep step, bool regularize) const {
    return {RateAt(spec.learning_rate, step), spec.beta, regularize ? spec.l1 : 0,
            regularize ? spec.l2 : 0};
  }
  static void Update(const Scalars& s, float* __restrict w, float* const* state,
                     const float* __restrict g, std::size_t size) {
    float* __restrict z = state[0];
    float* __restrict n = state[1];
    const auto [rate, beta, l1, l2] = s;
    if (rate <= 0) return;
    for (std::size_t i = 0; i < size; ++i) {
      const float sum = n[i] + g[i] * g[i];
      const float root = std::sqrt(sum);
      z[i] += g[i] - (root - std::sqrt(n[i])) / rate * w[i];
      n[i] = sum;
      const float above = std::fabs(z[i]) - l1;
      const float pull = above > 0 ? above : 0.0F;
      // + 0 makes a negative zero positive.
      w[i] = -std::copysign(pull, z[i]) / ((beta + root) / rate + l2) + 0.0F;
    }
  }

  UpdaterSpec spec;
};

}  // namespace

std::unique_ptr<Updater> MakeFtrl(const UpdaterSpec& spec) {
  return std::make_unique<RuleUpdater<FtrlRule>>(spec);
}

}  // namespace rookery
