#include "ps/row_slab.h"

#include <algorithm>

namespace rookery {

RowShape::RowShape(std::size_t row_floats) : floats(row_floats) {
  const std::size_t fits = std::max<std::size_t>(kPageBytes / (row_floats * sizeof(float)), 1);
  page_rows = std::min(static_cast<std::uint32_t>(std::bit_floor(fits)), kPageRowsMax);
  page_bits = static_cast<std::uint32_t>(std::countr_zero(page_rows));
  first_rows = std::min(kFirstRows, page_rows);
  first_bits = static_cast<std::uint32_t>(std::countr_zero(first_rows));
  small_pages = page_bits - first_bits + 1;
}

float* RowSlab::Append(const RowShape& shape, PageArena* arena) {
  const bool full = size_ >= shape.page_rows
                        ? (size_ & (shape.page_rows - 1)) == 0
                        : size_ == 0 || (size_ >= shape.first_rows && std::has_single_bit(size_));
  if (full) {
    const std::uint32_t rows = std::clamp(size_, shape.first_rows, shape.page_rows);
    void* page = arena->Allocate(std::size_t{rows} * shape.floats * sizeof(float));
    if (page == nullptr) return nullptr;
    pages_.push_back(static_cast<float*>(page));
  }
  return Row(size_++, shape);
}

}  // namespace rookery
