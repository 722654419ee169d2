// AutoRec (Sedhain et al. 2015): an autoencoder over the ratings of an item (or a user), one output
// at a time:
//
//   y = b + c_t + w_t . a(m + sum_f e_f)
//
// f runs over all features but model.target: a list of who rated the item, and how ("user:rating"),
// is the input vector times the encoder's matrix; a is the activation. t is the key of the target,
// the user whose rating is asked for: w_t and c_t are its row of the decoder. The list of a
// training example should leave out the rating that is its label, which the paper's input contains.
//
// Tables   default, dim D, read by all features but the target; output, dim D + 1, by the target.
#pragma once

#include <memory>

#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeAutoRec(const ModelSpec& spec);

}  // namespace rookery
