// NextItemModel: models that learn the next item of a sequence. A net makes a state of every
// element of a user's history; the state scores an item by the dot product with the item's row.
//
// Features  user, which no table reads; item, negative and history, all sequences (data/sequence.h
//           kNextItem): of each example item is as long as history, and negative K times as long,
//           those of element j from j K on.
// Tables    default, dim D, with all three; or, with model.item_rows = "own", default with history
//           and "output", dim D, with item and negative.
// Loss      losses/item_loss.h or, of all items of the catalog, losses/full_softmax.h, which reads
// no
//           negatives; summed over the elements. An example's score in training is
//           exp(-mean of the elements' losses): with label 1 its log loss is that mean.
// Predict   how its last item follows the whole history: the sigmoid of what the last state scores
//           it; 1/2 where there is none of the two.
// Ranking   the query is the last element's state; an item has no number.
// Threads   as models/model.h says.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "models/losses/item_loss.h"
#include "models/net/net.h"
#include "models/zoo/spec_check.h"

namespace rookery {

struct NextItemOptions {
  std::vector<ModelTable> tables;
  ItemLoss loss = ItemLoss::kBce;
  float dropout = 0;
  // Only what net/masked_elements.h hides, of all elements in training, has a loss; none: all have.
  std::optional<std::uint32_t> hidden_percent = {};
  bool states_alike = false;  // `build` makes the same state for all elements of an example
  // The state [S, D] after each element of the history [S, D].
  std::function<NetValue(NetBuilder& net, NetValue history)> build;
};

// What the models have in common, of the spec; `build` is left to the caller. kInvalidInput: other
// features, numeric inputs, an unknown loss, tables of different dim.
[[nodiscard]] StatusOr<NextItemOptions> NextItemOptionsOf(const ModelSpec& spec);

// kInvalidInput when the dense parameters are more than kDenseFloatsMax.
[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeNextItemModel(const NextItemOptions& options);

}  // namespace rookery
