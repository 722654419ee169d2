// StepCompute: the mathematics of one slice: rows -> combined vectors -> model -> gradients of rows
// and dense parameters, on several cores.
//
// The slice is cut into parts of a fixed number of examples; a part is computed by one thread, and
// the parts' dense gradients are added in part order. So the bits depend on part_examples, never on
// the number of threads. The gradient of a catalog (models/model.h CatalogRows) is too large to
// have one for each part: parts in a row add to the same one, and at most kCatalogSums of these are
// added in turn. So that many threads are of use then.
// With a clip_norm the examples of a part are computed one by one, each with a random stream of its
// own, and clipped before they are added (worker/example_clipper.h).
//
// Owner    the training loop or the evaluator. Threads: one call at a time; uses `pool` inside.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "common/compute_pool.h"
#include "models/model.h"
#include "worker/example_clipper.h"
#include "worker/step_plan.h"

namespace rookery {

enum class RankingSide : std::uint8_t { kQuery, kItem };

// Memory of one slice in work; keeps its capacity from step to step.
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

class StepCompute {
 public:
  static constexpr std::size_t kCatalogSums = 8;

  // clip_norm 0: off.
  StepCompute(const Model* model, std::vector<Combiner> combiners, ComputePool* pool,
              std::uint32_t part_examples, std::uint64_t seed, double clip_norm = 0);

  // Fills scores, loss_sum, row_gradients and dense_gradient from buffers->rows and `dense` [P].
  void Train(const PreparedSlice& slice, std::span<const float> dense, Step step, Slice index,
             SliceBuffers* buffers);
  // Fills scores only.
  void Predict(const PreparedSlice& slice, std::span<const float> dense, SliceBuffers* buffers);

  // *vectors: [B, W] or [B, W + 1], as models/model.h says. REQUIRES: the model ranks.
  void RankingVectors(RankingSide side, const PreparedSlice& slice, std::span<const float> dense,
                      SliceBuffers* buffers, std::vector<float>* vectors);

 private:
  struct Part {
    std::size_t begin;
    std::size_t end;
  };
  [[nodiscard]] std::size_t Parts(const Batch& batch) const;
  [[nodiscard]] Part PartOf(const Batch& batch, std::size_t part) const;
  void Combine(const PreparedSlice& slice, Part part, SliceBuffers* buffers);
  [[nodiscard]] ModelInput InputOf(const PreparedSlice& slice, Part part,
                                   SliceBuffers* buffers) const;
  [[nodiscard]] ModelGradients GradientsOf(const PreparedSlice& slice, Part part,
                                           SliceBuffers* buffers) const;
  [[nodiscard]] std::span<float> ScoresOf(Part part, SliceBuffers* buffers) const;
  // Where a part's vectors begin in those of its table t.
  [[nodiscard]] std::size_t FirstVector(std::size_t t, Part part) const;
  void Prepare(const PreparedSlice& slice, bool training, SliceBuffers* buffers);
  // The examples `part` at once, whose dense gradient goes to gradients->dense; the others are
  // where GradientsOf says.
  double TrainPart(const PreparedSlice& slice, Part part, std::span<const float> dense,
                   const DropoutStream& dropout, std::size_t thread, ModelGradients* gradients,
                   SliceBuffers* buffers);
  // The examples of part p one after the other.
  void TrainClipped(const PreparedSlice& slice, std::size_t p, std::span<const float> dense,
                    DropoutStream dropout, std::size_t thread, SliceBuffers* buffers);
  // Where the catalog's vectors or gradients are among those of its table. REQUIRES: the plan has a
  // catalog.
  [[nodiscard]] float* CatalogIn(std::vector<std::vector<float>>& vectors) const;
  void GatherCatalog(const PreparedSlice& slice, SliceBuffers* buffers);
  // Of `sums` the one with this number.
  [[nodiscard]] float* CatalogSum(std::size_t sum, SliceBuffers* buffers);
  void AddCatalogSums(std::size_t sums, SliceBuffers* buffers);
  void SumDenseParts(std::size_t parts, SliceBuffers* buffers);
  void ScatterToRows(const PreparedSlice& slice, SliceBuffers* buffers);

  const Model& model_;
  const std::vector<Combiner> combiners_;
  ComputePool& pool_;
  const std::size_t part_examples_;
  const std::uint64_t seed_;
  std::size_t dense_floats_ = 0;
  std::optional<ExampleClipper> clipper_;
  std::vector<std::unique_ptr<Model::Scratch>> scratch_;    // per thread
  std::vector<std::vector<std::size_t>> sequence_vectors_;  // [t][sequence]: its first vector
  std::vector<PooledVector<CombinedFeature>> features_;     // [t], of the slice in work
  std::optional<std::size_t> catalog_table_;  // of a model that tells items from the catalog
  std::size_t catalog_vector_ = 0;            // the first of the slice in work
  std::size_t catalog_floats_ = 0;            // I * D; 0: the slice has no catalog
  std::vector<float> catalog_sums_;           // all but the first, which is in vector_gradients
  std::vector<std::uint32_t> piece_largest_;  // ScatterToRows
};

}  // namespace rookery
