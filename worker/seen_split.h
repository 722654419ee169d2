// SeenSplit: which examples of an evaluation have a key of a watched feature with a row, and the
// metrics of both kinds (job option train.unseen). The servers say which keys have a row; zeros
// would not tell, as a trained row may be zero.
//
// An example counts as seen when one of its keys or more has a row in the first of the model's
// tables that has the feature; so one without a key (an empty list) counts as unseen.
//
// Owner    one evaluation. Threads: one at a time. Without watched features it costs nothing.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "common/block_pool.h"
#include "models/model.h"
#include "models/seen_metrics.h"
#include "worker/step_plan.h"

namespace rookery {

class SeenSplit {
 public:
  // `features`: indices into the schema's. REQUIRES: a table of the model has each of them.
  SeenSplit(std::span<const ModelTable> tables, std::span<const std::uint32_t> features,
            TaskKind task, std::size_t labels);

  // For PsClient::Pull of `plan`; empty without features.
  [[nodiscard]] PooledVector<std::span<std::uint8_t>> PresentSpans(const StepPlan& plan);
  // After that pull. `scores` as LabelMetrics::Add wants them.
  void Add(const Batch& batch, const StepPlan& plan, std::span<const float> scores);
  [[nodiscard]] const SeenMetrics& metrics() const { return metrics_; }

 private:
  struct Watched {
    std::uint32_t feature = 0;
    std::size_t table = 0;
    std::size_t input = 0;  // ModelTable::input
  };
  void FindSeen(const Batch& batch, const StepPlan& plan, const Watched& watched);

  std::vector<Watched> watched_;
  SeenMetrics metrics_;
  std::vector<std::vector<std::uint8_t>> present_;  // [t][U_t], of the last pull
  std::vector<std::uint8_t> seen_;                  // [B], of one feature
};

}  // namespace rookery
