// Neural factorization machine (He & Chua 2017): y = b + sum_f w_f + tower(p, x), where p is the
// sum of e_f * e_g by element over all pairs f < g.
#pragma once

#include <memory>

#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeNfm(const ModelSpec& spec);

}  // namespace rookery
