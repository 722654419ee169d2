// The compressed interaction of xDeepFM (Lian et al. 2018) as one layer: all products of two
// vectors' elements, mixed by a matrix.
//
//   y_g = (a_g outer c_g) W     for each of `groups` pairs of vectors a_g [I], c_g [J];
//                               W = NAME.weight [I * J, outputs], row i * J + j
//
// Products are made for a few examples at a time, and again in the backward pass, so memory stays
// small.
#pragma once

#include <cstddef>
#include <string>

#include "models/net/net.h"

namespace rookery {

// a [B, groups * I], c [B, groups * J] -> [B, groups * outputs].
NetValue AddOuterLinear(NetBuilder& net, const std::string& name, NetValue a, NetValue c,
                        std::size_t groups, std::size_t outputs);

}  // namespace rookery
