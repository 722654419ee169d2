// Deep & cross networks: explicit products of the inputs, one degree more with each cross layer,
// and a tower. x_0 is all vectors and numbers of an example side by side.
//
//   dcn     x_{l+1} = x_0 (x_l . w_l) + b_l + x_l          (Wang et al. 2017)
//   dcnv2   x_{l+1} = x_0 * (W_l x_l + b_l) + x_l          (Wang et al. 2021), * by element;
//           with a rank W_l = U_l V_l
//   y       parallel: b + c . x_L + tower(x_0); stacked: b + tower(x_L)
#pragma once

#include <memory>

#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeDcn(const ModelSpec& spec);
[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeDcnV2(const ModelSpec& spec);

}  // namespace rookery
