// The losses of one item against K negatives, given the scores of both by a dot product.
//
//   bce      -log sigmoid(s) - mean_k log(1 - sigmoid(n_k))        (Kang, McAuley 2018)
//   bpr      -mean_k log sigmoid(s - n_k)                          (Rendle et al. 2009)
//   softmax  -log(exp(s) / (exp(s) + sum_k exp(n_k))), a sampled softmax
//   full_softmax  has no negatives: losses/full_softmax.h
//
// Pure functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "common/error.h"

namespace rookery {

enum class ItemLoss : std::uint8_t { kBce, kBpr, kSoftmax, kFullSoftmax };

// "bce", "bpr", "softmax" or "full_softmax"; otherwise kInvalidInput with the list.
[[nodiscard]] StatusOr<ItemLoss> ParseItemLoss(const std::string& name);

// scores [1 + negatives]: of the item, then of the negatives, at least one; they become the
// gradient of the loss, which is returned. REQUIRES: a loss of negatives.
double ItemLossAndGradient(ItemLoss loss, std::size_t negatives, float* scores);

}  // namespace rookery
