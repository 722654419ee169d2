// xDeepFM (Lian et al. 2018): y = b + sum_f w_f + c . (sums of all interaction maps) +
// tower(e_1, ..., e_F, x). Map h of level k is sum_{i,j} W^k_{ij,h} (x^{k-1}_i * e_j) by element,
// x^0 = e; each map is summed over its D columns.
#pragma once

#include <memory>

#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeXDeepFm(const ModelSpec& spec);

}  // namespace rookery
