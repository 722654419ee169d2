#include "models/vector_matrix.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace rookery {
namespace {

// Rows added in one pass over y.
constexpr std::size_t kRows = 8;

template <class Weight>
struct Row {
  float factor;
  const Weight* __restrict values;
};

// y += the sum of the rows, each element in the order of the rows and rounded as a matrix product
// does: an example scores the same alone and among others, wherever Gemm sums all rows in one go
// (oneDNN: up to 384 of them).
void AddRows(const std::array<Row<float>, kRows>& rows, std::size_t columns, float* __restrict y) {
  for (std::size_t j = 0; j < columns; ++j) {
    float sum = y[j];
    for (const Row<float>& row : rows) sum = std::fma(row.factor, row.values[j], sum);
    y[j] = sum;
  }
}

// Two bf16 are one word, its halves two floats after a shift and after a mask: widening them one by
// one would take longer than the products. So of every 16 elements y holds the even ones before the
// odd ones until Interleave.
constexpr std::size_t kPairs = 8;
using Floats = float __attribute__((vector_size(kPairs * sizeof(float))));
using Words = std::uint32_t __attribute__((vector_size(kPairs * sizeof(float))));

void AddRows(const std::array<Row<Bf16>, kRows>& rows, std::size_t columns, float* __restrict y) {
  std::size_t j = 0;
  for (; j + 2 * kPairs <= columns; j += 2 * kPairs) {
    Floats even, odd;
    std::memcpy(&even, y + j, sizeof(even));
    std::memcpy(&odd, y + j + kPairs, sizeof(odd));
    for (const Row<Bf16>& row : rows) {
      Words words;
      std::memcpy(&words, row.values + j, sizeof(words));
      even += row.factor * std::bit_cast<Floats>(words << 16U);
      odd += row.factor * std::bit_cast<Floats>(words & 0xffff0000U);
    }
    std::memcpy(y + j, &even, sizeof(even));
    std::memcpy(y + j + kPairs, &odd, sizeof(odd));
  }
  for (; j < columns; ++j) {
    for (const Row<Bf16>& row : rows) y[j] += row.factor * FromBf16(row.values[j]);
  }
}

void Interleave(std::size_t columns, float* y) {
  for (std::size_t j = 0; j + 2 * kPairs <= columns; j += 2 * kPairs) {
    std::array<float, 2 * kPairs> halves;
    std::copy_n(y + j, halves.size(), halves.begin());
    for (std::size_t k = 0; k < kPairs; ++k) {
      y[j + 2 * k] = halves[k];
      y[j + 2 * k + 1] = halves[kPairs + k];
    }
  }
}

template <class Weight>
void Multiply(std::size_t rows, std::size_t columns, const float* x, const Weight* w, float* y) {
  std::fill_n(y, columns, 0.0F);
  std::array<Row<Weight>, kRows> batch{};
  std::size_t filled = 0;
  for (std::size_t i = 0; i < rows; ++i) {
    if (x[i] == 0) continue;
    batch[filled++] = {x[i], w + i * columns};
    if (filled < kRows) continue;
    AddRows(batch, columns, y);
    filled = 0;
  }
  if (filled == 0) return;
  while (filled < kRows) batch[filled++] = {0, w};
  AddRows(batch, columns, y);
}

}  // namespace

void VectorTimesMatrix(std::size_t rows, std::size_t columns, const float* x, const float* w,
                       float* y) {
  Multiply(rows, columns, x, w, y);
}
void VectorTimesMatrix(std::size_t rows, std::size_t columns, const float* x, const Bf16* w,
                       float* y) {
  Multiply(rows, columns, x, w, y);
  Interleave(columns, y);
}

}  // namespace rookery
