// "bpr_mf": matrix factorization for top-N from implicit feedback, by Bayesian personalized ranking
// (Rendle et al. 2009). Of the features (user u, item i, negative j), in this order:
//   user . (item - negative) + bias of the item - bias of the negative
// with loss "bce" and label 1: -log sigmoid of it. Items are ranked by user . item + bias.
//
// Table    default, dim D + 1: a vector of D, then the bias (a user's is not used).
// Ignored  hidden, activation, norm, dropout.
#pragma once

#include <memory>

#include "common/error.h"
#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeBprMf(const ModelSpec& spec);

}  // namespace rookery
