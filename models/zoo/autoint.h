// AutoInt (Song et al. 2019): layers of multi-head self-attention over the features,
// h' = activation(attention(h Q, h K, h V) + h R), and y = b + c . h_L; with hidden layers + a
// tower over vectors and numbers (AutoInt+).
#pragma once

#include <memory>

#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeAutoInt(const ModelSpec& spec);

}  // namespace rookery
