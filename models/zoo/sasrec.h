// "sasrec": causal self-attention over a user's history (Kang, McAuley 2018), in the form with
// normalisation behind each part (Zhou et al. 2020). With d = dropout:
//   h = d(norm(history + positions)), then model.attention_layers times
//   h = norm(h + d(attention(h W_q, h W_k, h W_v) W_o)), all with biases
//   h = norm(h + d(activation(h W_1 + b_1) W_2 + b_2))
// Positions count from the last element on; there are ModelSpec::max_length. As next_item_model.h.
//
// Blocks   positions, start.gain, .shift, then of each layer block.I.{query, key, value, output,
//          attended, wide, narrow, done}
// Ignored  hidden, norm.
#pragma once

#include <memory>

#include "common/error.h"
#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeSasRec(const ModelSpec& spec);

}  // namespace rookery
