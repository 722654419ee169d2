// "wide_deep" (Cheng et al. 2016): bias + the wide weights of the keys + a tower over the
// embeddings and the numeric inputs. A feature chooses by its `tables`: "wide" (crosses, usually),
// "default" (the tower), or both.
//
// Tables   default, dim D; wide, dim 1, starts at zero.
#pragma once

#include <memory>

#include "common/error.h"
#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeWideDeep(const ModelSpec& spec);

}  // namespace rookery
