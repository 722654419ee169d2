// "fm": bias + the first-order weights of the keys + numeric . w + the dot products of all pairs of
// features (Rendle 2010). A feature takes part as one vector: keys inside one list do not interact.
//
// Table    default, dim D + 1: an embedding of D, then the first-order weight.
// Ignored  hidden, activation, norm, dropout.
#pragma once

#include <memory>

#include "common/error.h"
#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeFactorizationMachine(const ModelSpec& spec);

}  // namespace rookery
