#include "models/classic/sparse_rows.h"

namespace rookery {

SparseRows Transposed(const SparseRows& matrix) {
  SparseRows result;
  result.columns = matrix.rows();
  result.offsets.assign(matrix.columns + 1, 0);
  for (const std::uint32_t column : matrix.indices) ++result.offsets[column + 1];
  for (std::size_t c = 0; c < matrix.columns; ++c) result.offsets[c + 1] += result.offsets[c];
  result.indices.resize(matrix.indices.size());
  result.values.resize(matrix.values.size());
  std::vector<std::uint64_t> next(result.offsets.begin(), result.offsets.end() - 1);
  for (std::size_t row = 0; row < matrix.rows(); ++row) {
    for (std::uint64_t at = matrix.offsets[row]; at < matrix.offsets[row + 1]; ++at) {
      const std::uint64_t to = next[matrix.indices[at]]++;
      result.indices[to] = static_cast<std::uint32_t>(row);
      if (!matrix.values.empty()) result.values[to] = matrix.values[at];
    }
  }
  return result;
}

}  // namespace rookery
