#include "ps/reset_state.h"

#include <cmath>

#include "ps/updater.h"

namespace rookery {
namespace {

// ps/updaters/ftrl.cc solved for z.
void SetFtrlWeights(const UpdaterSpec& spec, std::span<const float> weights, std::uint64_t t,
                    std::span<float> z) {
  const float rate = RateAt(spec.learning_rate, t);
  if (rate <= 0) return;
  const float scale = (spec.beta + std::sqrt(spec.initial_accumulator)) / rate + spec.l2;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] == 0) continue;
    z[i] = -std::copysign(std::fabs(weights[i]) * scale + spec.l1, weights[i]);
  }
}

}  // namespace

void ResetState(const UpdaterSpec& spec, std::span<const float> weights, std::uint64_t t,
                std::span<float> state) {
  if (state.empty()) return;
  UpdaterSpec plain = spec;
  plain.catch_up = false;
  MakeUpdater(plain)->InitState(state);
  if (spec.kind == UpdaterKind::kFtrl) {
    SetFtrlWeights(spec, weights, t, state.first(weights.size()));
  }
}

}  // namespace rookery
