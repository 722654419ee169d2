// SparseRows: a matrix of few values, row by row. Plain data; const methods from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace rookery {

struct SparseRows {
  std::size_t columns = 0;
  std::vector<std::uint64_t> offsets = {0};  // rows + 1
  std::vector<std::uint32_t> indices;        // ascending in a row
  std::vector<float> values;                 // empty: all are 1

  [[nodiscard]] std::size_t rows() const { return offsets.size() - 1; }
  [[nodiscard]] std::size_t Length(std::size_t row) const {
    return static_cast<std::size_t>(offsets[row + 1] - offsets[row]);
  }
  [[nodiscard]] std::span<const std::uint32_t> Row(std::size_t row) const {
    return std::span(indices).subspan(offsets[row], Length(row));
  }
  [[nodiscard]] float Value(std::size_t at) const { return values.empty() ? 1.0F : values[at]; }

  // Behind the others. REQUIRES: all are added with values or all without.
  void AddRow(std::span<const std::uint32_t> row, std::span<const float> row_values = {}) {
    indices.insert(indices.end(), row.begin(), row.end());
    values.insert(values.end(), row_values.begin(), row_values.end());
    offsets.push_back(indices.size());
  }
};

[[nodiscard]] SparseRows Transposed(const SparseRows& matrix);

}  // namespace rookery
