// "mf": biased matrix factorization: bias + bias of the user + bias of the item + user . item.
// The bias starts at the mean of the labels.
//
// Table    default, dim D + 1: a vector of D, then the bias of the user or item.
// Ignored  hidden, activation, norm, dropout.
#pragma once

#include <memory>

#include "common/error.h"
#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeMatrixFactorization(const ModelSpec& spec);

}  // namespace rookery
