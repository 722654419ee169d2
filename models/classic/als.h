// ALS: matrix factorization of implicit feedback by alternating least squares (Hu, Koren,
// Volinsky 2008).
//
// Minimises  sum over all (u, i) of c_ui (p_ui - x_u.y_i)^2 + l2 (sum |x_u|^2 + sum |y_i|^2)
// with p_ui = 1 and c_ui = 1 + alpha where u has i, else 0 and 1. With the items fixed
//   x_u = (Y^T Y + alpha sum_{i of u} y_i y_i^T + l2 I)^-1 (1 + alpha) sum_{i of u} y_i
// and the other way round. A user is scored by the x_u of the profile, known in training or not.
// Threads  rows are solved each by one thread: the same bits with any number of them.
// Memory   4 dim bytes for each user and item.
#pragma once

#include <cstdint>
#include <memory>

#include "common/compute_pool.h"
#include "models/classic/item_scorer.h"
#include "models/classic/sparse_rows.h"

namespace rookery {

struct AlsOptions {
  std::size_t dim = 64;
  std::size_t iterations = 10;
  double alpha = 10;
  double l2 = 10;
  std::uint64_t seed = 1;  // of the items' vectors at the start
};

// REQUIRES: l2 > 0, alpha >= 0, dim > 0.
[[nodiscard]] std::unique_ptr<ItemScorer> FitAls(const SparseRows& users, const AlsOptions& options,
                                                 ComputePool* pool);

}  // namespace rookery
