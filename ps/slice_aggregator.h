// SliceAggregator: sync mode. Collects the pushes of the slices 0 .. S-1 of the current step and
// sums their gradients in slice order, whatever the order of arrival: the sum has the same bits for
// any number of workers and servers. Counts of keys are summed as well; weights as pulled are not
// for sync.
//
// Owner    the shard. Threads: its executor.
// Memory   keeps each push's buffer until the step is merged, merges into reused vectors; a single
//          slice is averaged in place in its own buffer.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/buffer.h"
#include "common/error.h"
#include "common/types.h"
#include "protocol/ps_messages.h"
#include "ps/gradient_noise.h"
#include "ps/step_gradients.h"

namespace rookery {

// A push as a step of its own (bounded, async, one slice): divides in place. The spans point into
// `body`. REQUIRES: the spans of `push` point into `body`.
[[nodiscard]] StepGradients AverageInPlace(Buffer* body, const PushRequest& push);

class SliceAggregator {
 public:
  // `dense_begin`: of this server's segment of the dense parameters.
  explicit SliceAggregator(std::uint32_t slices, Step first = Step{0},
                           const GradientNoise& noise = {}, std::uint64_t dense_begin = 0);

  // The step that is being collected.
  [[nodiscard]] Step current() const { return current_; }
  [[nodiscard]] std::uint32_t missing() const { return missing_; }
  // Of the slices that were collected.
  [[nodiscard]] std::size_t KeysOf(TableId table) const;
  // Forgets collected slices.
  void Reset(Step current);

  // kCorrupt for a slice that does not exist or came already, a step that is not the current one,
  // dense parts of different sizes. The push is not taken then. REQUIRES: no table twice in a push.
  [[nodiscard]] Status Check(const PushRequest& push) const;
  // The spans of `push` point into `body`.
  [[nodiscard]] Status Add(Buffer body, PushRequest push);
  // REQUIRES: missing() == 0. Moves on to the next step; the result is valid until the next call.
  [[nodiscard]] StepGradients Merge();

 private:
  struct Part {
    bool present = false;
    Buffer body;
    PushRequest push;
  };
  struct Sum {
    TableId table{};
    std::vector<Key> keys;
    std::vector<float> gradients;
    std::vector<std::uint32_t> counts;  // of no key when pushes carry none
  };
  void MergeTable(TableId table, Sum* sum);
  void MergeDense();

  const std::uint32_t slices_;
  const GradientNoise noise_;
  const std::uint64_t dense_begin_;
  Step current_;
  std::uint32_t missing_;
  std::vector<Part> parts_;   // [slices]
  std::vector<Part> merged_;  // parts of the last merged step, kept for their memory's life
  std::vector<Sum> sums_;
  std::vector<float> dense_;
};

}  // namespace rookery
