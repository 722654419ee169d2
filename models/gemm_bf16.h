// GemmBf16: C = op(A) * op(B) for bf16 matrices, summed in fp32.
//
// Shapes   row-major without gaps: op(A) [m, k], op(B) [k, n], C [m, n]; op(X) is X, or its
//          transpose when the flag is set. C is overwritten.
// Speed    twice fp32 or more where the CPU multiplies bf16 (AVX-512 bf16, AMX) and the build has
//          oneDNN. Elsewhere the same products in fp32: as exact, but slower than Gemm.
// Threads  any number of callers at once; each call stays on its caller's thread. Equal inputs give
//          equal bits, whichever thread asks.
#pragma once

#include <cstddef>

#include "models/bf16.h"

namespace rookery {

// m x n x k and what is transposed.
struct GemmShape {
  bool transpose_a = false;
  bool transpose_b = false;
  std::size_t m = 0;
  std::size_t n = 0;
  std::size_t k = 0;

  bool operator==(const GemmShape&) const = default;
};

void GemmBf16(const GemmShape& shape, const Bf16* a, const Bf16* b, float* c);
// C in bf16, rounded once from the fp32 sum.
void GemmBf16(const GemmShape& shape, const Bf16* a, const Bf16* b, Bf16* c);
// The same with C = max(0, product + bias); bias [n].
void GemmBf16BiasRelu(const GemmShape& shape, const Bf16* a, const Bf16* b, const float* bias,
                      Bf16* c);

}  // namespace rookery
