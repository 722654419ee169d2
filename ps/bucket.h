// Bucket: the rows of one bucket of one table: the unit of growth, of checkpoint and of load.
// Grows alone, so growth never stops the world.
//
// Owner    the table. Threads: the table's.
#pragma once

#include "ps/key_index.h"
#include "ps/row_slab.h"

namespace rookery {

struct Bucket {
  KeyIndex index;
  RowSlab slab;

  // The new row's floats, zero; nullptr when there is no memory. REQUIRES: absent.
  [[nodiscard]] float* Insert(std::uint64_t mixed, unsigned bucket_bits, const RowShape& shape,
                              PageArena* arena) {
    const std::uint32_t number = slab.size();
    if (number == KeyIndex::kAbsent - 1) return nullptr;
    float* row = slab.Append(shape, arena);
    if (row == nullptr) return nullptr;
    // Without an index entry the row is never read again: a few bytes lost, nothing wrong.
    return index.Insert(mixed, number, bucket_bits, arena) ? row : nullptr;
  }
};

}  // namespace rookery
