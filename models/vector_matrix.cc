#include "models/vector_matrix.h"

#include <algorithm>
#include <array>

namespace rookery {
namespace {

// Rows added in one pass over y.
constexpr std::size_t kRows = 8;

struct Row {
  float factor;
  const float* __restrict values;
};

// y += the sum of the rows, each element in the order of the rows.
void AddRows(const std::array<Row, kRows>& rows, std::size_t columns, float* __restrict y) {
  for (std::size_t j = 0; j < columns; ++j) {
    float sum = y[j];
    for (const Row& row : rows) sum += row.factor * row.values[j];
    y[j] = sum;
  }
}

}  // namespace

void VectorTimesMatrix(std::size_t rows, std::size_t columns, const float* x, const float* w,
                       float* y) {
  std::fill_n(y, columns, 0.0F);
  std::array<Row, kRows> batch{};
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

}  // namespace rookery
