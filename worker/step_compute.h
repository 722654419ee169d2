// StepCompute: the mathematics of one slice: rows -> combined vectors -> model -> gradients of rows
// and dense parameters, on several cores.
//
// The slice is cut into parts of a fixed number of examples; a part is computed by one thread, and
// the parts' dense gradients are added in part order. So the bits depend on part_examples, never on
// the number of threads.
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
#include "worker/catalog_sums.h"
#include "worker/example_clipper.h"
#include "worker/slice_buffers.h"
#include "worker/step_plan.h"

namespace rookery {

enum class RankingSide : std::uint8_t { kQuery, kItem };

class StepCompute {
 public:
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
  CatalogSums catalog_sums_;
  std::vector<std::uint32_t> piece_largest_;  // ScatterToRows
};

}  // namespace rookery
