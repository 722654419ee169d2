// FiBiNET (Huang et al. 2019): features weighed by a squeeze-and-excitation network, and bilinear
// products of all pairs, of the vectors as they are and of the weighed ones:
// y = b + sum_f w_f + tower(p, q, x).
//
//   weighed   v_f = e_f s_f, s = a(a(m A) B), a = the activation, m_f = the mean of e_f's columns
//   bilinear  p_{fg} = (e_f W) * e_g by element, f < g; the same with v for q. W is one matrix
//             ("all") or one of each feature f but the last ("each")
#pragma once

#include <memory>

#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeFibiNet(const ModelSpec& spec);

}  // namespace rookery
