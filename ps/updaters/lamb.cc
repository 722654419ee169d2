// r = m^ / (sqrt(v^) + epsilon) + weight_decay w, m and v as adam's
// w -= lr trust r, trust = min(||w|| / ||r||, trust_max), 1 when a norm is 0        (You 2020)
// The norms are of a row, or of a block of dense parameters: a layer.
#include <algorithm>
#include <array>
#include <cmath>

#include "ps/updaters/adam_moments.h"
#include "ps/updaters/rules.h"

namespace rookery {
namespace {

class Lamb final : public Updater {
 public:
  explicit Lamb(const UpdaterSpec& spec) : spec_(spec), front_(spec, true) {}

  [[nodiscard]] std::size_t StateFloats(std::size_t dim) const override { return 2 * dim; }
  void InitState(std::span<float> state) const override { std::ranges::fill(state, 0.0F); }
  void Apply(std::span<float* const> rows, std::span<const float> gradients, std::size_t dim,
             UpdateStep step) const override {
    const Scalars scalars = At(step, true);
    Floats prepared;
    Floats r;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      float* const row = rows[i];
      const float* g = front_.Prepare(row, gradients.data() + i * dim, dim, prepared.data());
      Turn(scalars, row, row + dim, row + 2 * dim, g, dim, r.data());
      Move(scalars.rate * TrustOf({SquaredNorm(row, dim), SquaredNorm(r.data(), dim)}), r.data(),
           dim, row);
    }
  }
  void CatchUp(std::span<float* const> /*rows*/, std::size_t /*dim*/,
               std::uint64_t /*t*/) const override {}
  [[nodiscard]] bool catches_up() const override { return false; }

  [[nodiscard]] bool trusts_blocks() const override { return true; }
  [[nodiscard]] BlockNorms NormsOf(const DenseRun& run, UpdateStep step) const override {
    const Scalars scalars = At(step, run.regularize);
    BlockNorms norms;
    Floats m;
    Floats v;
    Floats r;
    for (std::size_t at = 0; at < run.size; at += kDimMax) {
      const std::size_t size = std::min(kDimMax, run.size - at);
      std::copy_n(run.state[0] + at, size, m.data());
      std::copy_n(run.state[1] + at, size, v.data());
      Turn(scalars, run.weights + at, m.data(), v.data(), run.gradients + at, size, r.data());
      norms.weights += SquaredNorm(run.weights + at, size);
      norms.update += SquaredNorm(r.data(), size);
    }
    return norms;
  }
  [[nodiscard]] float TrustOf(const BlockNorms& norms) const override {
    if (norms.weights <= 0 || norms.update <= 0) return 1.0F;
    const double ratio = std::sqrt(norms.weights / norms.update);
    return static_cast<float>(std::min(ratio, static_cast<double>(spec_.trust_max)));
  }
  void ApplyDense(const DenseRun& run, UpdateStep step) const override {
    const Scalars scalars = At(step, run.regularize);
    Floats r;
    for (std::size_t at = 0; at < run.size; at += kDimMax) {
      const std::size_t size = std::min(kDimMax, run.size - at);
      Turn(scalars, run.weights + at, run.state[0] + at, run.state[1] + at, run.gradients + at,
           size, r.data());
      Move(scalars.rate * run.trust, r.data(), size, run.weights + at);
    }
  }

 private:
  using Floats = std::array<float, kDimMax>;
  struct Scalars {
    AdamMoments moments;
    float decay;  // weight_decay
    float rate;
  };

  [[nodiscard]] Scalars At(UpdateStep step, bool regularize) const {
    return {AdamMoments::At(spec_, 1.0F, step.t), regularize ? spec_.weight_decay : 0,
            RateAt(spec_.learning_rate, step)};
  }
  // m and v move, r is filled.
  static void Turn(const Scalars& s, const float* __restrict w, float* __restrict m,
                   float* __restrict v, const float* __restrict g, std::size_t n,
                   float* __restrict r) {
    const Scalars c = s;
    for (std::size_t i = 0; i < n; ++i) r[i] = c.moments.Move(g[i], &m[i], &v[i]) + c.decay * w[i];
  }
  static void Move(float rate, const float* __restrict r, std::size_t n, float* __restrict w) {
    for (std::size_t i = 0; i < n; ++i) w[i] -= rate * r[i];
  }

  const UpdaterSpec spec_;
  const GradientFront front_;
};

}  // namespace

std::unique_ptr<Updater> MakeLamb(const UpdaterSpec& spec) {
  return std::make_unique<Lamb>(spec);
}

}  // namespace rookery
