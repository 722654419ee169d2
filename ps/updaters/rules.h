// What the update rules share: how rows are walked, and the list of makers for updater_registry.cc.
//
// A Rule is a value with
//   static constexpr std::size_t kStates   arrays of state, each as long as the weights
//   static constexpr bool kFrontL2         whether the front adds l2 * weight
//   explicit Rule(const UpdaterSpec&)
//   float InitialState(std::size_t k) const
//   Scalars At(UpdateStep step, bool regularize) const     what one step needs, computed once
//   static void Update(const Scalars&, float* w, float* const* state, const float* g, size_t n)
// Update is element-wise and written so that the compiler vectorises it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "common/limits.h"
#include "ps/updater.h"
#include "ps/updaters/gradient_front.h"

namespace rookery {

// base ^ exponent by squaring: the same bits on every machine.
[[nodiscard]] double PowerOf(double base, std::uint64_t exponent);

template <class Rule>
class RuleUpdater : public Updater {
 public:
  explicit RuleUpdater(const UpdaterSpec& spec) : rule_(spec), front_(spec, Rule::kFrontL2) {}

  [[nodiscard]] std::size_t StateFloats(std::size_t dim) const override {
    return Rule::kStates * dim;
  }
  void InitState(std::span<float> state) const override {
    for (std::size_t k = 0; k < Rule::kStates; ++k) {
      const std::size_t dim = state.size() / Rule::kStates;
      std::fill_n(state.begin() + static_cast<std::ptrdiff_t>(k * dim), dim, rule_.InitialState(k));
    }
  }
  void Apply(std::span<float* const> rows, std::span<const float> gradients, std::size_t dim,
             UpdateStep step) const override {
    // A constant dim lets the compiler unroll; these are the usual ones.
    switch (dim) {
      case 1:
        return ApplyRows(rows, gradients, std::integral_constant<std::size_t, 1>(), step);
      case 8:
        return ApplyRows(rows, gradients, std::integral_constant<std::size_t, 8>(), step);
      case 16:
        return ApplyRows(rows, gradients, std::integral_constant<std::size_t, 16>(), step);
      case 32:
        return ApplyRows(rows, gradients, std::integral_constant<std::size_t, 32>(), step);
      default:
        return ApplyRows(rows, gradients, dim, step);
    }
  }
  void CatchUp(std::span<float* const> /*rows*/, std::size_t /*dim*/,
               std::uint64_t /*t*/) const override {}
  [[nodiscard]] bool catches_up() const override { return false; }
  void ApplyDense(const DenseRun& run, UpdateStep step) const override {
    Rule::Update(rule_.At(step, run.regularize), run.weights, run.state, run.gradients, run.size);
  }

 protected:
  [[nodiscard]] const Rule& rule() const { return rule_; }
  [[nodiscard]] const GradientFront& front() const { return front_; }

 private:
  // Dim: std::size_t or a std::integral_constant of it.
  template <class Dim>
  void ApplyRows(std::span<float* const> rows, std::span<const float> gradients, Dim dim,
                 UpdateStep step) const {
    const auto scalars = rule_.At(step, true);
    std::array<float, kDimMax> scratch;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      float* const row = rows[i];
      const float* g = gradients.data() + i * dim;
      if (!front_.idle()) g = front_.Prepare(row, g, dim, scratch.data());
      std::array<float*, 2> state{};
      for (std::size_t k = 0; k < Rule::kStates; ++k) state[k] = row + (k + 1) * dim;
      Rule::Update(scalars, row, state.data(), g, dim);
    }
  }

  const Rule rule_;
  const GradientFront front_;
};

[[nodiscard]] std::unique_ptr<Updater> MakeSgd(const UpdaterSpec& spec);
[[nodiscard]] std::unique_ptr<Updater> MakeMomentum(const UpdaterSpec& spec);
[[nodiscard]] std::unique_ptr<Updater> MakeAdagrad(const UpdaterSpec& spec);
[[nodiscard]] std::unique_ptr<Updater> MakeRowwiseAdagrad(const UpdaterSpec& spec);
[[nodiscard]] std::unique_ptr<Updater> MakeAdam(const UpdaterSpec& spec);  // adam and adamw
[[nodiscard]] std::unique_ptr<Updater> MakeFtrl(const UpdaterSpec& spec);
[[nodiscard]] std::unique_ptr<Updater> MakeLamb(const UpdaterSpec& spec);

}  // namespace rookery
