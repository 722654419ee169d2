// "bert4rec": some of a user's items are hidden and told from all others of his (Sun et al. 2019).
//
// The net reads the elements of the history shifted by one: element j is the one after it, and the
// last, which the history has not, is hidden. In training model.masked_percent of the others are
// hidden, too, and only hidden ones have a loss. A hidden element is zeros, so that its position
// alone is known of it. The rest is models/zoo/next_item_model.h, with attention to both sides.
#pragma once

#include <memory>

#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeBert4Rec(const ModelSpec& spec);

}  // namespace rookery
