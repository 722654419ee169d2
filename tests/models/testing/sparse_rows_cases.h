// Small matrices of who has what, and the scores that a method of top-N gives for a profile.
#pragma once

#include <cmath>
#include <vector>

#include "common/random.h"
#include "models/classic/item_scorer.h"
#include "models/classic/sparse_rows.h"

namespace rookery {

inline SparseRows Rows(std::size_t columns, const std::vector<std::vector<std::uint32_t>>& lists) {
  SparseRows rows;
  rows.columns = columns;
  for (const auto& list : lists) rows.AddRow(list);
  return rows;
}

inline SparseRows RandomRows(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  Random random(seed, Purpose::kTest);
  SparseRows result;
  result.columns = columns;
  for (std::size_t r = 0; r < rows; ++r) {
    std::vector<std::uint32_t> row;
    for (std::uint32_t c = 0; c < columns; ++c) {
      if (random.NextBelow(100) < 15 + 30 * ((r + c) % 2)) row.push_back(c);
    }
    result.AddRow(row);
  }
  return result;
}

inline std::vector<float> Scores(const ItemScorer& scorer, std::size_t items,
                                 const std::vector<std::uint32_t>& profile,
                                 std::size_t user = Profile::kUnknown) {
  std::vector<float> scores(items, NAN);
  scorer.Score({user, profile}, scores);
  return scores;
}

}  // namespace rookery
