// What a job means by train.group: the feature whose keys are the groups of evaluation
// (models/grouped_auc.h). Pure functions. Any thread.
#pragma once

#include <cstddef>
#include <optional>

#include "common/error.h"
#include "launch/job.h"

namespace rookery {

// The feature's place in Batch; nothing when the option is off. kInvalidInput, without the option's
// name: what would be right. REQUIRES: a resolved schema; of blocks: that of the files.
[[nodiscard]] StatusOr<std::optional<std::size_t>> GroupFeatureOf(const Job& job);

}  // namespace rookery
