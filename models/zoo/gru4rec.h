// "gru4rec": a recurrent network over a user's history (Hidasi et al. 2016). With d = dropout:
//   h = d(history), then h = d(cell(h)) for each width of model.hidden
//   state = h W + b
// The cell is a GRU or an LSTM (model.cell). As next_item_model.h.
//
// Blocks   cell.I.{input, state}.{weight, bias}, output.{weight, bias}
// Ignored  activation, norm.
#pragma once

#include <memory>

#include "common/error.h"
#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeGru4Rec(const ModelSpec& spec);

}  // namespace rookery
