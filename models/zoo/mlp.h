// "mlp": a tower over the embeddings of the features and the numeric inputs.
//
// Table    default, dim D; left out when there are only numeric inputs.
#pragma once

#include <memory>

#include "common/error.h"
#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeMlp(const ModelSpec& spec);

}  // namespace rookery
