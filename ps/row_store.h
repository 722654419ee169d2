// RowStore: the rows of one table, numbered as they were made; a row keeps its address for life.
//
//   row      weights[dim] | updater state                        row_floats floats
//   segment  about 64 MB of rows in huge pages, mapped at once and taken from the system as rows
//            are made: the address of a row is two steps away from its number, and rows made
//            early, which are the frequent ones, lie close together
//
// Owner    the table. Threads: its owner's.
// Errors   kNone when the system gives no more memory, or after 2^32 - 1 rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ps/huge_pages.h"

namespace rookery {

class RowStore {
 public:
  static constexpr std::uint32_t kNone = 0xffffffffU;

  explicit RowStore(std::size_t row_floats);

  [[nodiscard]] std::uint32_t size() const { return size_; }
  // What the rows may occupy: whole pages, as the system gives them.
  [[nodiscard]] std::uint64_t bytes() const { return BytesOf(size_); }
  [[nodiscard]] std::uint64_t BytesOf(std::uint64_t rows) const;
  // How much that grows by the next row.
  [[nodiscard]] std::uint64_t BytesToAppend() const {
    return size_ < rows_in_pages_ ? 0 : BytesOf(std::uint64_t{size_} + 1) - bytes();
  }
  // REQUIRES: row < size().
  [[nodiscard]] float* Row(std::uint32_t row) const {
    return segments_[row >> segment_bits_] + (row & segment_mask_) * row_floats_;
  }
  // The number of a new row, zero-filled.
  [[nodiscard]] std::uint32_t Append();

 private:
  std::size_t row_floats_;
  unsigned segment_bits_;  // log2(rows of a segment)
  std::uint32_t segment_mask_;
  std::vector<float*> segments_;
  std::vector<HugeMapping> mappings_;  // of the segments
  std::uint32_t size_ = 0;
  std::uint32_t rows_in_pages_ = 0;  // so many fit in the pages that rows have begun
};

}  // namespace rookery
