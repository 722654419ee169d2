// RowSlab: the rows of one bucket in pages; a row keeps its address for life.
//
//   row     weights[dim] | updater state                         RowShape::floats floats
//   page 0  `first` rows, then pages that double the total, until a page holds `page_rows`;
//           from then on every page holds `page_rows`
//
// Owner    the bucket; memory comes from the table's arena. Threads: the table's.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "ps/page_arena.h"

namespace rookery {

// Of all slabs of one table. `page_rows` is a power of two.
struct RowShape {
  static constexpr std::size_t kPageBytes = std::size_t{64} << 10U;
  static constexpr std::uint32_t kPageRowsMax = 256;
  static constexpr std::uint32_t kFirstRows = 8;

  explicit RowShape(std::size_t row_floats);

  std::size_t floats;
  std::uint32_t page_rows;
  std::uint32_t page_bits;   // log2(page_rows)
  std::uint32_t first_rows;  // of page 0: a power of two, at most page_rows
  std::uint32_t first_bits;
  std::uint32_t small_pages;  // pages that together hold the first page_rows rows
};

class RowSlab {
 public:
  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] float* Row(std::uint32_t row, const RowShape& shape) const {
    std::uint32_t page = 0;
    std::uint32_t first = 0;
    if (row >= shape.page_rows) {
      page = shape.small_pages - 1 + (row >> shape.page_bits);
      first = row & ~(shape.page_rows - 1);
    } else if (row >= shape.first_rows) {
      const auto bits = static_cast<std::uint32_t>(std::bit_width(row)) - 1;
      page = bits - shape.first_bits + 1;
      first = 1U << bits;
    }
    return pages_[page] + static_cast<std::size_t>(row - first) * shape.floats;
  }
  // A zero-filled row with number size(); nullptr when there is no memory.
  [[nodiscard]] float* Append(const RowShape& shape, PageArena* arena);

 private:
  std::vector<float*> pages_;
  std::uint32_t size_ = 0;
};

}  // namespace rookery
