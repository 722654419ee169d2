// "popularity": ranks items by how many users have them in the training data, for all alike. The
// baseline of rankings; it trains nothing, and its score is always 1/2.
//
// Table    default, dim 1: zeros, so that the model has the form of all others.
// Ignored  all options of [model].
#pragma once

#include <memory>

#include "common/error.h"
#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakePopularity(const ModelSpec& spec);

}  // namespace rookery
