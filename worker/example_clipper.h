// ExampleClipper: limits what one example adds to the gradients of a step (DP-SGD,
// protocol/privacy_spec.h): its whole gradient, of dense parameters and rows together, is scaled
// down to the 2-norm clip_norm. Of a row it counts what the example adds to it, over all its
// occurrences, after the combiners' weights. A gradient whose norm is not finite becomes zero.
//
//   P dense floats, D_t the dim of table t, F_t its combined features
//
// Owner    StepCompute. Threads: Begin() by one, then the others by several, each with a number and
//          examples of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/model.h"
#include "worker/step_plan.h"

namespace rookery {

class ExampleClipper {
 public:
  // `model` outlives this. clip_norm > 0.
  ExampleClipper(const Model* model, double clip_norm, std::size_t threads);

  // The slice whose examples come next.
  void Begin(const PreparedSlice& slice);
  // [P]: where a thread's next example has its dense gradient.
  [[nodiscard]] std::span<float> dense(std::size_t thread) { return threads_[thread].dense; }
  // `vectors` [t] are the slice's vector gradients (SliceBuffers), those of `example` begin where
  // `gradients` says: they are scaled in place. The dense gradient is scaled and added to
  // `dense_sum` [P]. False: the norm was not finite.
  [[nodiscard]] bool Clip(std::size_t example, std::size_t thread,
                          std::span<const std::vector<float>> vectors,
                          const ModelGradients& gradients, std::span<float> dense_sum);

 private:
  struct Occurrence {
    std::uint32_t row;
    std::uint32_t vector;  // as in OccurrenceIndex
    float weight;
  };
  // Of one table: example b has the occurrences [offsets[b], offsets[b + 1]), rows ascending.
  struct ByExample {
    std::vector<std::uint32_t> offsets;
    std::vector<Occurrence> occurrences;
  };
  struct Thread {
    std::vector<float> dense;
    std::vector<double> row;  // what the example adds to one
  };
  void List(const PreparedSlice& slice, std::size_t t);
  [[nodiscard]] double SquaredNormOfRows(std::size_t t, std::size_t example,
                                         std::span<const float> vectors, Thread* thread) const;
  // Multiplies the example's vectors by `scale`; 0: whatever they were.
  void Scale(std::size_t example, float scale, const ModelGradients& gradients) const;

  const Model& model_;
  const double clip_norm_;
  const Batch* batch_ = nullptr;
  std::vector<ByExample> tables_;
  std::vector<std::uint32_t> owners_;  // List: the examples of a table's occurrences
  std::vector<Thread> threads_;
};

}  // namespace rookery
