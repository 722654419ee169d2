// NegativesLoss: the items of histories' elements told from negatives (losses/item_loss.h), for
// models of the next item.
//
// Threads  any, each with a scratch of its own.
#pragma once

#include <span>
#include <vector>

#include "models/losses/item_loss.h"
#include "models/model.h"
#include "models/zoo/history_states.h"

namespace rookery {

// Of each example as many items as its history has elements, and some times as many negatives,
// those of element j in a row from j on. The gradients, of all rows, are overwritten.
struct ItemsAndNegatives {
  SequenceInput items, negatives;
  float* d_items = nullptr;
  float* d_negatives = nullptr;
};

// Returns the sum of weight * loss over the examples. scores [B] become exp(-mean of the elements'
// losses), d_states [S, D] are overwritten.
double NegativesLoss(ItemLoss loss, const HistoryStates& states, const ItemsAndNegatives& with,
                     std::span<float> scores, float* d_states, std::vector<float>* scratch);

}  // namespace rookery
