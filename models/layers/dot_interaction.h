// Dot interaction (Naumov et al. 2019): the dot products of all pairs of an example's vectors, the
// lower triangle without the diagonal, row by row: (1,0), (2,0), (2,1), (3,0), ... One example per
// call.
//
// Shapes   vectors [V, D] in one block; products [V (V - 1) / 2]. Pure, any thread; `work` is the
//          caller's, DotWorkFloats() floats.
#pragma once

#include <cstddef>

namespace rookery {

struct DotShape {
  std::size_t vectors = 0;  // V
  std::size_t dim = 0;      // D

  [[nodiscard]] std::size_t products() const { return vectors * (vectors - 1) / 2; }
};

[[nodiscard]] std::size_t DotWorkFloats(const DotShape& shape);
void DotForward(const DotShape& shape, const float* vectors, float* work, float* products);
// Overwrites d_vectors [V, D] with the gradient through the products.
void DotBackward(const DotShape& shape, const float* vectors, const float* d_products, float* work,
                 float* d_vectors);

}  // namespace rookery
