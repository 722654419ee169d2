// Inverted dropout: an element is zero with the given probability, and the others grow by
// 1 / (1 - probability), so that scoring needs no correction.
//
// Element i of a layer is kept or not by number i of a stream named by (DropoutStream, layer): the
// same part of the same slice and step always has the same mask. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/model.h"

namespace rookery {

// The stream of a layer.
[[nodiscard]] Random DropoutNumbers(const DropoutStream& stream, std::size_t layer);
// mask[i] is 1 where kept.
void DropoutMask(const DropoutStream& stream, std::size_t layer, float probability,
                 std::size_t count, std::uint8_t* mask);
// y = x where kept, scaled; mask[i] is 1 where kept.
void DropoutForward(const DropoutStream& stream, std::size_t layer, float probability,
                    std::size_t count, const float* x, float* y, std::uint8_t* mask);
// dy becomes dx.
void DropoutBackward(float probability, std::size_t count, const std::uint8_t* mask, float* dy);

}  // namespace rookery
