// m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2                     (Kingma 2015)
// w -= lr m^ / (sqrt(v^) + epsilon), m^ = m / (1 - beta1^t), v^ = v / (1 - beta2^t)
// adamw: also w -= lr weight_decay w                                        (Loshchilov 2019)
//
// catch_up row: weights | m | v | last step applied (bits of a uint32). A row that missed steps
// gets them one by one with a zero gradient, through the same arithmetic as dense updates.
#include <algorithm>
#include <array>
#include <bit>
#include <limits>

#include "common/check.h"
#include "ps/updaters/adam_moments.h"
#include "ps/updaters/rules.h"

namespace rookery {
namespace {

struct AdamRule {
  static constexpr std::size_t kStates = 2;  // m, v
  static constexpr bool kFrontL2 = true;
  struct Scalars {
    AdamMoments moments;
    float decay;  // lr weight_decay
  };

  explicit AdamRule(const UpdaterSpec& s) : spec(s) {}
  [[nodiscard]] float InitialState(std::size_t /*k*/) const { return 0; }
  [[nodiscard]] Scalars At(UpdateStep step, bool regularize) const {
    const float lr = RateAt(spec.learning_rate, step);
    const bool decays = regularize && spec.kind == UpdaterKind::kAdamW;
    return {AdamMoments::At(spec, lr, step.t), decays ? lr * spec.weight_decay : 0};
  }
  static void Update(const Scalars& s, float* __restrict w, float* const* state,
                     const float* __restrict g, std::size_t n) {
    float* __restrict m = state[0];
    float* __restrict v = state[1];
    const Scalars c = s;
    for (std::size_t i = 0; i < n; ++i) {
      const float step = c.moments.Move(g[i], &m[i], &v[i]);
      w[i] = w[i] - c.decay * w[i] - step;
    }
  }

  UpdaterSpec spec;
};

class CatchUpAdam final : public RuleUpdater<AdamRule> {
 public:
  using RuleUpdater::RuleUpdater;

  [[nodiscard]] std::size_t StateFloats(std::size_t dim) const override { return 2 * dim + 1; }
  void InitState(std::span<float> state) const override {
    std::fill(state.begin(), state.end(), 0.0F);
  }
  void Apply(std::span<float* const> rows, std::span<const float> gradients, std::size_t dim,
             UpdateStep step) const override {
    CatchUp(rows, dim, step.t - 1);
    RuleUpdater::Apply(rows, gradients, dim, step);
    for (float* row : rows) SetLast(row, dim, step.t);
  }
  void CatchUp(std::span<float* const> rows, std::size_t dim, std::uint64_t t) const override;
  [[nodiscard]] bool catches_up() const override { return true; }

 private:
  static constexpr std::size_t kStepsAtOnce = 256;

  static std::uint64_t Last(const float* row, std::size_t dim) {
    return std::bit_cast<std::uint32_t>(row[3 * dim]);
  }
  static void SetLast(float* row, std::size_t dim, std::uint64_t t) {
    ROOKERY_CHECK(t <= std::numeric_limits<std::uint32_t>::max());
    row[3 * dim] = std::bit_cast<float>(static_cast<std::uint32_t>(t));
  }
  [[nodiscard]] bool Rests(const float* row, std::size_t dim) const;
  // Replays the steps (Last(row), first + scalars.size() - 1]; scalars[i] is of step first + i.
  void Replay(float* row, std::size_t dim, std::uint64_t first,
              std::span<const AdamRule::Scalars> scalars) const;
};

// A row that was never touched does not move without l2 and decay.
bool CatchUpAdam::Rests(const float* row, std::size_t dim) const {
  const bool decays = rule().spec.kind == UpdaterKind::kAdamW && rule().spec.weight_decay != 0;
  if (front().l2() != 0 || decays) return false;
  return std::all_of(row + dim, row + 3 * dim,
                     [](float x) { return std::bit_cast<std::uint32_t>(x) == 0; });
}

void CatchUpAdam::Replay(float* row, std::size_t dim, std::uint64_t first,
                         std::span<const AdamRule::Scalars> scalars) const {
  std::array<float, kDimMax> gradient;
  std::fill_n(gradient.begin(), dim, 0.0F);
  const float l2 = front().l2();
  const std::array<float*, 2> state{row + dim, row + 2 * dim};
  const std::uint64_t last = Last(row, dim);
  for (std::size_t i = last < first ? 0 : last + 1 - first; i < scalars.size(); ++i) {
    if (l2 != 0) {
      for (std::size_t j = 0; j < dim; ++j) gradient[j] = 0.0F + l2 * row[j];
    }
    AdamRule::Update(scalars[i], row, state.data(), gradient.data(), dim);
  }
  SetLast(row, dim, first + scalars.size() - 1);
}

void CatchUpAdam::CatchUp(std::span<float* const> rows, std::size_t dim, std::uint64_t t) const {
  std::uint64_t oldest = t;
  for (float* row : rows) {
    const std::uint64_t last = Last(row, dim);
    if (last < t && Rests(row, dim)) {
      SetLast(row, dim, t);
    } else {
      oldest = std::min(oldest, last);
    }
  }
  // The numbers of a step are made once for all rows.
  std::array<AdamRule::Scalars, kStepsAtOnce> scalars;
  while (oldest < t) {
    const std::size_t steps = std::min<std::uint64_t>(kStepsAtOnce, t - oldest);
    for (std::size_t i = 0; i < steps; ++i) scalars[i] = rule().At(oldest + 1 + i, true);
    for (float* row : rows) {
      if (Last(row, dim) < oldest + steps) {
        Replay(row, dim, oldest + 1, std::span(scalars).first(steps));
      }
    }
    oldest += steps;
  }
}

}  // namespace

std::unique_ptr<Updater> MakeAdam(const UpdaterSpec& spec) {
  if (spec.catch_up) return std::make_unique<CatchUpAdam>(spec);
  return std::make_unique<RuleUpdater<AdamRule>>(spec);
}

}  // namespace rookery
