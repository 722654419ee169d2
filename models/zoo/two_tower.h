// "two_tower": a user's and an item's vector, each from a tower over its row; the item of an
// example is told from those of the other examples of its part (losses/in_batch_softmax.h;
// Covington et al. 2016, Yi et al. 2019).
//
// Features  user, item, and negative, which no table reads (data/sequence.h kPairs); an example's
//           weight is how many users have its item.
// Tables    default, dim D. Towers: model.hidden and a linear layer of D outputs; with no hidden
//           layer the rows themselves.
// Loss      that of the softmax; the score in training is exp(-loss): with label 1 its log loss.
// Predict   sigmoid(user . item).
// Ranking   by user . item.
#pragma once

#include <memory>

#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeTwoTower(const ModelSpec& spec);

}  // namespace rookery
