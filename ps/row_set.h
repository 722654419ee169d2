// RowSet: a set of row numbers of one table: a bit for each number below covered(), and every
// number from there on, which are rows made later.
//
// Owner    the caller. Threads: one at a time.
// Memory   a bit a row; the system gives none for what was never written.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "common/check.h"
#include "common/prefetch.h"

namespace rookery {

class RowSet {
 public:
  RowSet() = default;
  // No row below `covered`.
  explicit RowSet(std::uint32_t covered)
      : covered_(covered),
        words_(static_cast<std::uint64_t*>(std::calloc(WordsOf(covered) + 1, sizeof(Word)))) {
    ROOKERY_CHECK(words_ != nullptr) << "no memory for the bits of " << covered << " rows";
  }

  [[nodiscard]] std::uint32_t covered() const { return covered_; }
  [[nodiscard]] bool Contains(std::uint32_t row) const {
    return row >= covered_ || (words_[row >> 6U] >> (row & 63U) & 1U) != 0;
  }
  void Prefetch(std::uint32_t row) const {
    if (row < covered_) rookery::Prefetch(&words_[row >> 6U]);
  }
  // True when it was not there yet.
  bool Add(std::uint32_t row) {
    if (row >= covered_) return false;
    Word& word = words_[row >> 6U];
    const Word bit = Word{1} << (row & 63U);
    const bool absent = (word & bit) == 0;
    word |= bit;
    return absent;
  }
  // Adds all of `other`, which covers no more rows than this; those beyond it are in it.
  void AddAll(const RowSet& other) {
    ROOKERY_CHECK(other.covered_ <= covered_);
    for (std::size_t i = 0; i < WordsOf(other.covered_); ++i) words_[i] |= other.words_[i];
    covered_ = other.covered_;
  }

 private:
  using Word = std::uint64_t;
  struct Free {
    void operator()(Word* words) const { std::free(words); }
  };
  [[nodiscard]] static std::size_t WordsOf(std::uint32_t rows) {
    return (std::size_t{rows} + 63) / 64;
  }

  std::uint32_t covered_ = 0;
  std::unique_ptr<Word[], Free> words_;
};

}  // namespace rookery
