// Gemm: C = alpha * op(A) * op(B) + beta * C for row-major fp32 matrices; oneDNN where the build
// has it, Eigen otherwise.
//
// Shapes   op(A) [m, k], op(B) [k, n], C [m, n]; op(X) is X, or its transpose when the flag is set.
//          lda, ldb, ldc are the floats from one stored row to the next. beta = 0 overwrites C.
// Threads  any number of callers at once; each call stays on its caller's thread. Equal inputs give
//          equal bits, whichever thread asks.
#pragma once

#include <cstddef>

namespace rookery {

void Gemm(bool transpose_a, bool transpose_b, std::size_t m, std::size_t n, std::size_t k,
          float alpha, const float* a, std::size_t lda, const float* b, std::size_t ldb, float beta,
          float* c, std::size_t ldc);

}  // namespace rookery
