// Field-aware factorization machine (Juan et al. 2016): y = b + sum_f w_f + v.x +
// sum_{f<g} e_{f,g}.e_{g,f}. A row holds a vector of D floats for each of the F features, and its
// first-order weight.
#pragma once

#include <memory>

#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeFfm(const ModelSpec& spec);

}  // namespace rookery
