// ChangedRows: which rows of a table changed since a checkpoint, its base, so that the next one can
// leave out the others.
//
//   Begin    all rows are as in the base
//   Cut      a checkpoint is being made: what changed until now waits for its fate
//   Confirm  it was published and is the base from now on
//   Restore  it was not: what changed before it counts again
//
// Owner    the table. Threads: the table's. Memory: at most two bits a row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "ps/row_set.h"

namespace rookery {

class ChangedRows {
 public:
  // `rows`: how many the table has.
  void Begin(std::uint32_t rows) {
    now_ = RowSet(rows);
    before_cut_ = RowSet();
  }
  void Mark(std::span<const std::uint32_t> rows) {
    constexpr std::size_t kAhead = 16;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i + kAhead < rows.size()) now_.Prefetch(rows[i + kAhead]);
      now_.Add(rows[i]);
    }
  }
  void Cut(std::uint32_t rows) { before_cut_ = std::exchange(now_, RowSet(rows)); }
  void Confirm() { before_cut_ = RowSet(); }
  void Restore() { now_.AddAll(before_cut_); }
  // Since the base until the cut.
  [[nodiscard]] const RowSet& before_cut() const { return before_cut_; }

 private:
  RowSet now_;
  RowSet before_cut_;
};

}  // namespace rookery
