// SliceBuffers: what one slice in work is computed from and into.
//
// Owner    a training loop, the evaluator; it keeps its capacity from step to step.
// Threads  StepCompute fills it; one call at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/block_pool.h"
#include "ps/ps_client.h"
#include "worker/step_plan.h"

namespace rookery {

struct SliceBuffers {
  std::vector<std::vector<float>> rows;           // [t][U_t, D_t], pulled
  std::vector<std::vector<float>> row_gradients;  // [t][U_t, D_t]
  std::vector<float> dense_gradient;              // [P] or more; sum over the slice's examples
  std::vector<float> scores;                      // [B, Model::outputs()]
  std::uint32_t largest_row_gradient_bits = 0;    // common/float_scan.h MagnitudeBits
  std::size_t left_out = 0;  // examples whose gradient was not finite, with clip_norm
  double loss_sum = 0;

  // Spans for PsClient; sizes `rows` (and `row_gradients`) for `plan`.
  [[nodiscard]] PooledVector<std::span<float>> RowSpans(const StepPlan& plan);
  [[nodiscard]] PooledVector<std::span<const float>> GradientSpans() const;
  // What a push with kPushPulled carries of `rows`, and of `dense`; else nothing.
  [[nodiscard]] PulledWeights PulledFor(std::uint16_t push_flags,
                                        std::span<const float> dense) const;

  // [t]: the vectors of OccurrenceIndex, [B * F_t + the lengths of table t's sequences, D_t];
  // behind them those of the catalog, [I, D_t].
  std::vector<std::vector<float>> vectors, vector_gradients;
  std::vector<float> part_dense;  // [parts, P]
  std::vector<double> part_loss;
  std::vector<std::size_t> part_left_out;
};

}  // namespace rookery
