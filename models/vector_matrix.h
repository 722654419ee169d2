// VectorTimesMatrix: y = x W for a single example, where reading W is all the cost: rows of W whose
// x is zero are not read, which after a relu are most. Pure, any thread.
//
// Shapes   x [rows], w [rows, columns], y [columns]; W is finite.
#pragma once

#include <cstddef>

#include "models/bf16.h"

namespace rookery {

void VectorTimesMatrix(std::size_t rows, std::size_t columns, const float* x, const float* w,
                       float* y);
// The same for W in bf16, which is half as much to read.
void VectorTimesMatrix(std::size_t rows, std::size_t columns, const float* x, const Bf16* w,
                       float* y);

}  // namespace rookery
