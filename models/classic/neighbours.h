// Popularity and nearest neighbours over who has what: users [U, I], a row the items of a user.
//
//   popularity  score(i) = |U_i|, how many users have i
//   similarity  s(a, b) = |A and B| / (sqrt(|A| |B|) + shrinkage): the shrunk cosine
//   item_knn    score(i) = sum of s(i, j) over the j of the profile among the k most similar to i
//   user_knn    score(i) = sum of s(u, v) over the v among the k most similar to u who have i
// Neighbours of equal similarity: those with the smaller number. Sources: Sarwar et al. 2001 and
// Deshpande & Karypis 2004 (items), Resnick et al. 1994 (users); shrinkage: Bell & Koren 2007.
// Memory   item_knn 16 k bytes an item; user_knn twice the users' matrix.
#pragma once

#include <cstdint>
#include <memory>

#include "common/compute_pool.h"
#include "models/classic/item_scorer.h"
#include "models/classic/sparse_rows.h"

namespace rookery {

struct KnnOptions {
  std::size_t neighbours = 100;
  double shrinkage = 10;
};

[[nodiscard]] std::unique_ptr<ItemScorer> MakePopularityScorer(const SparseRows& users);
[[nodiscard]] std::unique_ptr<ItemScorer> FitItemKnn(const SparseRows& users,
                                                     const KnnOptions& options, ComputePool* pool);
// score(i) = sum of weights[i][j] over the j of the profile.
[[nodiscard]] std::unique_ptr<ItemScorer> MakeItemWeightScorer(const SparseRows& weights);
[[nodiscard]] std::unique_ptr<ItemScorer> FitUserKnn(const SparseRows& users,
                                                     const KnnOptions& options);

}  // namespace rookery
