// DenseTable: the dense parameters, or one contiguous segment of them, with updater state.
//
// The same class serves both placements: a worker holds all of it (dense = "allreduce"), a server
// holds segment [P * s / S, P * (s + 1) / S) of the P floats (dense = "server").
//
// Rules    statistics (DenseBlockSpec::statistic_rate) move by that rate alone. l1, l2 and
//          weight_decay leave blocks alone whose name ends in ".bias". clip_norm is of the whole
//          segment's gradient. A rule that trusts blocks (lamb) is only for a segment that is all
//          of the vector, as norms of parts would depend on the number of servers; blocks that end
//          in ".bias" are trusted 1.
// Owner    the worker's or server's node. Threads: its executor; ApplyRange() from any.
// Errors   a gradient that is not finite (or beyond 1e15) is refused as a whole: nothing is
// written;
//          the error names block and element.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "common/error.h"
#include "protocol/table_spec.h"
#include "ps/updater.h"

namespace rookery {

class DenseTable {
 public:
  // `initial` is the whole vector's start values [P] (models/model.h InitialDense).
  DenseTable(const DenseSpec& spec, std::span<const float> initial, std::uint64_t begin,
             std::uint64_t end);
  ~DenseTable();

  [[nodiscard]] std::uint64_t begin() const { return begin_; }
  [[nodiscard]] std::uint64_t end() const { return end_; }
  [[nodiscard]] std::span<const float> weights() const { return weights_; }  // [end - begin]
  // Kind after kind: [end - begin] floats for each kind of state of the updater.
  [[nodiscard]] std::span<const float> state() const { return state_; }
  // gradients: the mean over the step's examples, of this segment.
  [[nodiscard]] Status Apply(std::span<const float> gradients, UpdateStep at);
  // The same in two parts, for several threads: Prepare() checks the gradients and takes all
  // norms, then ApplyRange() is called once for each of any disjoint ranges that together are [0,
  // end() - begin()), at the same time if wanted; the bits are those of Apply(). Nothing may be
  // written to `gradients` in between.
  struct Step {
    std::span<const float> gradients;
    UpdateStep at{0};
    float scale = 1;           // of clip_norm
    std::vector<float> trust;  // by block; empty: all 1
  };
  [[nodiscard]] StatusOr<Step> Prepare(std::span<const float> gradients, UpdateStep at);
  void ApplyRange(const Step& step, std::uint64_t first, std::uint64_t last);
  // Before Apply(): delay compensation (ps/gradient_adjust.h) of parameters, not of statistics.
  // `pulled`: this segment as it was when the gradients were computed.
  void Compensate(float lambda, std::span<const float> pulled, std::span<float> gradients) const;
  // Other start values, for the whole vector [P]; the state stays as it is.
  void SetStart(std::span<const float> initial);
  // `weights` and `state` are of this segment.
  [[nodiscard]] Status Restore(std::span<const float> weights, std::span<const float> state);

 private:
  [[nodiscard]] Status CheckGradients(std::span<const float> gradients) const;
  [[nodiscard]] float ClipScale(std::span<const float> gradients) const;
  // Calls use(run) for the elements [first, first + size) of the segment, all of one block, in
  // order; their gradients are clipped and regularised as `step` and the block say.
  template <class Use>
  void ForRuns(const Step& step, std::size_t first, std::size_t size, bool regularize,
               const Use& use);
  [[nodiscard]] std::vector<float> TrustOfBlocks(const Step& step);

  DenseSpec spec_;
  std::uint64_t begin_;
  std::uint64_t end_;
  std::unique_ptr<Updater> updater_;
  std::vector<float> weights_;
  std::vector<float> state_;
};

// dense.bin: docs/checkpoint_format.md. The whole vector.
struct DenseState {
  std::uint64_t step = 0;      // optimizer steps applied
  std::vector<float> weights;  // [P]
  std::vector<float> state;    // updater state of the whole vector
};

}  // namespace rookery
