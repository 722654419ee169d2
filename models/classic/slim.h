// SLIM: a sparse linear model of each item on all other items, with L1, L2 and weights of 0 or more
// (Ning, Karypis 2011):
//
//   w_j = argmin 1/2 |x_j - X w|^2 + l2/2 |w|^2 + l1 |w|,  w >= 0, w_jj = 0,  scores = x W
// with X [U, I] of 0 and 1, x_j its column j, and x the profile. By coordinate descent over the
// items that share users with j, until no weight changes by more than a thousandth or `sweeps`.
// Threads  an item is one thread's, so the bits are the same with any number.
// Memory   1 float for each pair of items, and a list of each item's.
#pragma once

#include <cstddef>
#include <memory>

#include "common/compute_pool.h"
#include "models/classic/item_scorer.h"
#include "models/classic/sparse_rows.h"

namespace rookery {

struct SlimOptions {
  double l1 = 5;
  double l2 = 100;
  std::size_t sweeps = 50;
};

[[nodiscard]] inline std::uint64_t SlimBytes(std::uint64_t items) {
  return sizeof(float) * items * items;
}
// REQUIRES: l1 and l2 not negative, memory for SlimBytes.
[[nodiscard]] std::unique_ptr<ItemScorer> FitSlim(const SparseRows& users,
                                                  const SlimOptions& options, ComputePool* pool);

}  // namespace rookery
