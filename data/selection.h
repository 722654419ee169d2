// Selecting: which examples of a log stay, and which of them are for training, valid and test.
//
// In this order: one of equal examples (`dedup`), the k-core (`core`), the split (`split`); see
// data/example_filter.h and data/example_split.h for what each means. Columns are named as in the
// schema, also those of type ignore; a missing value is a value like any other. An example is a
// line, or in the format sequence one item of a line.
//
// Memory   an example takes 1 byte, and 8 for dedup, 8 for an order, 4 for each column that is
//          counted, grouped by or made a sequence of, and 4 (a split at random: 12) while it is
//          worked on; a different value of these columns some 50, in sequences its text too. What
//          grows with the examples has room for up to twice as many. At most kSelectedExamplesMax.
// Threads  the caller's.
// Errors   kInvalidInput: what LogReader says, unknown columns (the known ones are listed), an
// order
//          that is no number (file:line:column), nothing left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "data/example_filter.h"
#include "data/example_split.h"
#include "data/prepare.h"
#include "data/schema.h"
#include "io/file_system.h"

namespace rookery {

inline constexpr std::size_t kSelectedExamplesMax = std::size_t{1} << 30U;

enum class SplitKind : std::uint8_t { kNone, kLeaveOneOut, kTime, kRatio };

struct SelectionOptions {
  std::vector<std::string> dedup;  // columns; empty: nothing is left out
  bool dedup_lines = false;        // equal in the whole line; in sequences in user and item
  Repeat dedup_keep = Repeat::kFirst;

  struct Core {
    std::string column;
    std::uint32_t least = 0;
  };
  std::vector<Core> core;

  SplitKind split = SplitKind::kNone;
  std::string group;  // column; empty: all examples are one group
  std::string order;  // numeric column; empty: the order of the files
  // kTime without them splits by shares.
  std::optional<double> valid_from, test_from;
  SplitShares shares;

  std::string sequence_user, sequence_item;  // columns; empty: no sequences are wanted
  std::uint64_t seed = 1;
  std::function<void(const PrepareProgress&)> progress;
};

// The values of a column by their numbers, in the order in which they were met.
struct NumberedColumn {
  std::vector<std::uint32_t> values;  // by example
  std::vector<std::string> texts;     // by number
};

struct Selection {
  Parts parts;
  std::uint64_t repeats = 0;     // left out by dedup
  std::uint64_t below_core = 0;  // left out by core
  // For sequences.
  NumberedColumn users, items;
  std::vector<double> order;  // empty: that of the files
};

// Indices of all columns that are named, without repetition.
[[nodiscard]] StatusOr<std::vector<std::size_t>> ColumnsOf(const Schema& schema,
                                                           const SelectionOptions& options);

// `paths` are expanded (data/input.h), `schema` is resolved.
[[nodiscard]] StatusOr<Selection> SelectExamples(FileSystem* files, const Schema& schema,
                                                 const std::vector<std::string>& paths,
                                                 const SelectionOptions& options);

}  // namespace rookery
