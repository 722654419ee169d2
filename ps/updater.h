// Updater: one update rule over rows or over the dense vector. Stateless; owns nothing.
//
// A row is weights[dim] followed by state[StateFloats(dim)]. `t` is the optimizer step, from 1: in
// sync mode the training step + 1, otherwise the number of pushes this shard has applied. It moves
// once per step, never once per table or shard.
//
// Formulas (w weight, g gradient after clipping and + l2 w; lr the schedule's rate at t):
//   sgd              w -= lr g
//   momentum         m = momentum m + g; w -= lr m                               (Polyak 1964)
//   adagrad          n += g^2; w -= lr g / (sqrt(n) + epsilon)                    (Duchi 2011)
//   rowwise_adagrad  n += mean(g^2) over the row; one n a row
//   adam, adamw      m, v with bias correction at t; w -= lr m^ / (sqrt(v^) + epsilon)
//                    adamw: also w -= lr weight_decay w                  (Kingma 2015, Loshchilov
//                    2019)
//   ftrl             FTRL-Proximal with l1, l2, beta, alpha = lr                  (McMahan 2013)
//   lamb             r = m^ / (sqrt(v^) + epsilon) + weight_decay w, m and v as adam's;
//                    w -= lr min(||w|| / ||r||, trust_max) r, norms of the row or dense block,
//                    the ratio being 1 when one of them is 0                           (You 2020)
//
// catch_up (adam, adamw): a row also gets what steps that did not touch it would have done (g = 0 +
// l2 w), replayed one by one and so bit-equal to dense updates of the whole table. Its state then
// ends with the last step applied, as the bits of a uint32.
//
// Threads  const, any thread, on rows that are not shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "protocol/table_spec.h"

namespace rookery {

// Optimizer step t, and how much of the schedule's rate it gets.
struct UpdateStep {
  std::uint64_t t = 0;
  float rate_scale = 1;

  // NOLINTNEXTLINE(google-explicit-constructor): a bare t is the usual step.
  UpdateStep(std::uint64_t step, float scale = 1) : t(step), rate_scale(scale) {}
};

class Updater {
 public:
  virtual ~Updater() = default;
  [[nodiscard]] virtual std::size_t StateFloats(std::size_t dim) const = 0;
  virtual void InitState(std::span<float> state) const = 0;
  // rows[i] points to dim + StateFloats(dim) floats; gradients is [rows, dim]. One virtual call a
  // push. REQUIRES: gradients are finite.
  virtual void Apply(std::span<float* const> rows, std::span<const float> gradients,
                     std::size_t dim, UpdateStep step) const = 0;
  // Brings rows to the state after step t without a touch; a no-op unless catch_up.
  virtual void CatchUp(std::span<float* const> rows, std::size_t dim, std::uint64_t t) const = 0;
  [[nodiscard]] virtual bool catches_up() const = 0;

  // Dense parameters (ps/dense_table.h): every element like a row of dim 1, but with the states in
  // arrays of their own, and gradients that are already clipped. Element-wise: any split of a
  // vector gives the same bits. No catch_up. What a rule wants of a whole block comes as `trust`.
  struct DenseRun {
    float* weights;          // [size]
    float* const* state;     // [StateFloats(1)] arrays of [size]
    const float* gradients;  // [size]
    std::size_t size;
    bool regularize;  // false: without l1, l2 and weight_decay
    float trust = 1;  // of the block, when the rule trusts_blocks()
  };
  virtual void ApplyDense(const DenseRun& run, UpdateStep step) const = 0;

  // Whether the rate of a dense block depends on norms of all of it (lamb). Then NormsOf() is taken
  // of the whole block before any of it is applied; it writes nothing and does not look at `trust`.
  struct BlockNorms {  // squared
    double weights = 0;
    double update = 0;
  };
  [[nodiscard]] virtual bool trusts_blocks() const { return false; }
  [[nodiscard]] virtual BlockNorms NormsOf(const DenseRun& /*run*/, UpdateStep /*step*/) const {
    return {};
  }
  [[nodiscard]] virtual float TrustOf(const BlockNorms& /*norms*/) const { return 1; }
};

// The rate at optimizer step t (from 1), scaled.
[[nodiscard]] float RateAt(const LearningRate& schedule, UpdateStep step);

[[nodiscard]] std::unique_ptr<Updater> MakeUpdater(const UpdaterSpec& spec);
[[nodiscard]] StatusOr<UpdaterKind> UpdaterKindFromName(
    std::string_view name);  // lists known names
[[nodiscard]] std::string_view UpdaterName(UpdaterKind kind);

}  // namespace rookery
