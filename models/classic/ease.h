// EASE: a linear model of items on all other items with L2, in closed form (Steck 2019).
//
//   P = (X^T X + l2 I)^-1,  B_ij = -P_ij / P_jj, B_ii = 0,  scores = x B
// with X [U, I] of 0 and 1, and x the profile.
// Threads  the factorization is one thread's, its use all; fixed pieces, so the bits are the same.
// Memory   2 floats for each pair of items.
#pragma once

#include <cstdint>
#include <memory>

#include "common/compute_pool.h"
#include "common/error.h"
#include "models/classic/item_scorer.h"
#include "models/classic/sparse_rows.h"

namespace rookery {

[[nodiscard]] inline std::uint64_t EaseBytes(std::uint64_t items) {
  return 2 * sizeof(float) * items * items;
}
// kInvalidInput: an l2 so small that floats cannot invert the matrix. REQUIRES: l2 > 0, memory for
// EaseBytes.
[[nodiscard]] StatusOr<std::unique_ptr<ItemScorer>> FitEase(const SparseRows& users, double l2,
                                                            ComputePool* pool);

}  // namespace rookery
