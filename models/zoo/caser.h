// "caser": convolutions over the last L = model.window elements of a user's history (Tang, Wang
// 2018), of every element as the last; without the user's own vector. Of the image [L, D]:
//   horizontal  for each height 1 to L model.horizontal_filters kernels [height, D], activation,
//               the largest over the places
//   vertical    model.vertical_filters kernels [L, 1]
//   state       activation(dropout(both side by side) W + b)
// As next_item_model.h.
//
// Blocks   horizontal.HEIGHT.{weight, bias}, vertical.{weight, bias}, output.{weight, bias}
// Ignored  hidden, norm.
#pragma once

#include <memory>

#include "common/error.h"
#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeCaser(const ModelSpec& spec);

}  // namespace rookery
