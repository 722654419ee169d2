// "deepfm" (Guo et al. 2017): bias + the first-order weights of the keys + the dot products of all
// pairs of features + a tower over the same embeddings and the numeric inputs.
//
// Table    default, dim D + 1: an embedding of D, then the first-order weight.
#pragma once

#include <memory>

#include "common/error.h"
#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeDeepFm(const ModelSpec& spec);

}  // namespace rookery
