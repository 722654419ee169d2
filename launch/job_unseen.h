// What the option train.unseen means for a job. Pure functions. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/error.h"
#include "launch/job.h"
#include "models/metrics.h"
#include "models/model.h"
#include "scheduler/scheduler_options.h"

namespace rookery {

// What would be right instead of the option's value; "": it is. REQUIRES: a resolved schema.
[[nodiscard]] std::string WrongUnseen(const Job& job);
// For prepared files, whose schema is not known before, and the tables of the model: a name that is
// wrong, or of a feature that no table has.
[[nodiscard]] Status CheckUnseen(const Job& job, const Model& model);
// Indices into the features. REQUIRES: a value that is right.
[[nodiscard]] std::vector<std::uint32_t> UnseenFeaturesOf(const Job& job);

// Merges what evaluations and training give: `all` that over all examples, this the groups.
// `labels`: their names; `features`: those of the option.
[[nodiscard]] MergeMetrics MergingSeen(MergeMetrics all, TaskKind task,
                                       std::vector<std::string> labels,
                                       std::vector<std::string> features);

}  // namespace rookery
