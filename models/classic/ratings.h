// Ratings of items by users, predicted without gradients.
//
//   mean      m, the mean of all ratings
//   bias      b_ui = m + b_u + b_i, in turn
//               b_i = sum over users of i of (r_ui - m - b_u) / (l2_item + n_i)
//               b_u = sum over items of u of (r_ui - m - b_i) / (l2_user + n_u)     (Koren 2010)
//   item_knn  b_ui + sum s_ij (r_uj - b_uj) / sum s_ij over the k items j of u that are most like
//             i, of those with s_ij > 0. s_ij: the cosine of x over the n users of both items,
//               sum x_ui x_uj / sqrt(sum x_ui^2 sum x_uj^2),
//             times (n - 1) / (n - 1 + shrinkage)                                  (Koren 2010)
//             x_ui, by RatingSimilarity:
//               kResidual        r_ui - b_ui                                       (Koren 2010)
//               kCosine          r_ui                                     (Sarwar et al. 2001, 3.1)
//               kAdjustedCosine  r_ui - the mean of u's ratings           (Sarwar et al. 2001, 3.1)
//   user_knn  the same with users for items and items for users; x_ui less the mean of u then makes
//             the cosine Pearson's correlation with the means over all of a user's items
// An unknown user or item has the bias 0 and no neighbours.
// Threads  Predict from any; the same bits with any number of threads.
// Memory   the neighbours: 4 bytes for each pair of items (or users).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "common/compute_pool.h"
#include "models/classic/sparse_rows.h"

namespace rookery {

class RatingPredictor {
 public:
  using Number = std::optional<std::uint32_t>;  // none: not in the training data
  virtual ~RatingPredictor() = default;
  [[nodiscard]] virtual float Predict(Number user, Number item) const = 0;
};

struct BiasOptions {
  double l2_user = 15;
  double l2_item = 10;
  std::uint32_t iterations = 10;
};
enum class RatingSimilarity : std::uint8_t { kResidual, kCosine, kAdjustedCosine };
struct RatingKnnOptions {
  BiasOptions bias;
  std::size_t neighbours = 40;
  double shrinkage = 100;
  bool of_users = false;  // user_knn
  RatingSimilarity similarity = RatingSimilarity::kResidual;
};

// ratings [U, I] with values, one or more
[[nodiscard]] std::unique_ptr<RatingPredictor> FitMean(const SparseRows& ratings);
[[nodiscard]] std::unique_ptr<RatingPredictor> FitBias(const SparseRows& ratings,
                                                       const BiasOptions& options);
[[nodiscard]] std::unique_ptr<RatingPredictor> FitRatingKnn(const SparseRows& ratings,
                                                            const RatingKnnOptions& options,
                                                            ComputePool* pool);

}  // namespace rookery
