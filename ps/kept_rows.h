// KeptRows: rows of a table as they were before they changed, by bucket, until their bucket is
// copied.
//
// Rows of a bucket lie in blocks of a few, so that they are read in the order in which they came.
// The blocks of a bucket that is dropped serve the next ones; only the end gives memory back.
//
// Owner    the table. Threads: its owner's.
// Errors   false when the system gives no more memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "ps/row_store.h"

namespace rookery {

class KeptRows {
 public:
  // Of a table with `rows` rows in `buckets` buckets.
  KeptRows(std::size_t row_floats, std::uint32_t buckets, std::uint64_t rows);

  // REQUIRES: row is not kept; bucket < buckets.
  [[nodiscard]] bool Add(std::uint32_t bucket, std::uint32_t row, const float* floats);
  // From now on Find() knows the rows that this bucket has now.
  void Select(std::uint32_t bucket);
  // Null: not kept.
  [[nodiscard]] const float* Find(std::uint32_t row) const;
  void Drop(std::uint32_t bucket);
  void DropAll();
  // Whether its blocks are of the right size when the table has so many rows.
  [[nodiscard]] bool Suits(std::uint64_t rows) const;

  // Ever added.
  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  // What the blocks may occupy: whole pages, as the system gives them.
  [[nodiscard]] std::uint64_t bytes() const { return blocks_.bytes(); }
  // At most so much more once `rows` more were added.
  [[nodiscard]] std::uint64_t BytesToAdd(std::uint64_t rows) const;

 private:
  static constexpr unsigned kPlaceBits = 5;
  static constexpr std::uint32_t kBlockRowsMax = 1U << kPlaceBits;
  // A block: number of the next one, rows in it, their numbers[block_rows_], their floats.
  static constexpr std::size_t kNextAt = 0;
  static constexpr std::size_t kCountAt = 1;
  static constexpr std::size_t kNumbersAt = 2;
  struct Bucket {
    std::uint32_t last = RowStore::kNone;  // block
    std::uint32_t rows = 0;
  };
  struct Slot {
    std::uint32_t row = RowStore::kNone;
    std::uint32_t place = 0;  // block << kPlaceBits | row of it
  };

  [[nodiscard]] bool AddBlock(Bucket* bucket);
  [[nodiscard]] std::size_t SlotOf(std::uint32_t row) const {
    return static_cast<std::size_t>((row * 0x9e3779b97f4a7c15U) >> slot_shift_);
  }

  const std::size_t row_floats_;
  const std::uint32_t block_rows_;
  RowStore blocks_;
  std::vector<std::uint32_t> free_;
  std::vector<Bucket> buckets_;
  std::uint64_t rows_ = 0;

  // Of the selected bucket: a hash table at most half full.
  std::vector<Slot> slots_;
  unsigned slot_shift_ = 63;
};

}  // namespace rookery
