// FinalMLP (Mao et al. 2023): two towers u, v over the inputs x, and a bilinear term in each of K
// heads: y = b + p . u + q . v + sum_k u_k W_k v_k, where u_k, v_k are equal parts of u and v. Each
// tower may have a gate, which weighs its inputs by a second vector c_f of one feature: the tower
// reads x * 2 sigmoid(g(c_f)) by element, where g is a tower of relu layers.
//
// Tables   default; gates, read by the features of gates alone
#pragma once

#include <memory>

#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeFinalMlp(const ModelSpec& spec);

}  // namespace rookery
