// How the features of two fitted schemas differ, for InitPlan. Pure functions, any thread.
#pragma once

#include <string>
#include <vector>

#include "launch/init_plan.h"

namespace rookery {

// Names of what a model may read of the schema: features, then numeric inputs.
[[nodiscard]] std::vector<std::string> InputNames(const Schema& schema);
// Those that are new, dropped, find other rows, or whose numbers mean something else.
[[nodiscard]] std::vector<FeatureInit> DiffFeatures(const FittedSchema& old,
                                                    const FittedSchema& now);

}  // namespace rookery
