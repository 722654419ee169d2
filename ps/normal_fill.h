// FillNormal: rows of normally distributed numbers, for Initializer. Arithmetic is our own (no
// libm) and each step of it exactly rounded, so that all machines, with vectors of any width, make
// the same bits.
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace rookery {

// rows[i][0, columns): mean 0, deviation `scale`, from the numbers 0, 1, ... of the Random whose
// stream() is streams[i], by Box-Muller: each number of 64 bits gives two.
void FillNormal(std::span<const std::uint64_t> streams, std::span<float* const> rows,
                std::size_t columns, float scale);

}  // namespace rookery
