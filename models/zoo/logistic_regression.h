// "lr": output = bias + the weights of the keys + numeric . w; logistic regression with loss "bce".
//
// Table    default, dim 1, starts at zero; left out when there are only numeric inputs.
// Ignored  dim, hidden, activation, norm, dropout.
#pragma once

#include <memory>

#include "common/error.h"
#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeLogisticRegression(const ModelSpec& spec);

}  // namespace rookery
