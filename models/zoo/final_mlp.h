// FinalMLP (Mao et al. 2023) without its feature gates: two towers u, v over the same inputs, and a
// bilinear term in each of K heads: y = b + p . u + q . v + sum_k u_k W_k v_k, where u_k, v_k are
// equal parts of u and v.
#pragma once

#include <memory>

#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeFinalMlp(const ModelSpec& spec);

}  // namespace rookery
