// What differs between two checkpoints of any number of servers, full or delta, of one job or of
// two.
//
// Threads  one. Memory: one bucket of each, and the dense parameters.
// Errors   those of CheckpointReader.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/error.h"
#include "ps/checkpoint_reader.h"

namespace rookery {

// Of weights that both have. State counts for `changed` alone, and only where both tables have the
// same updater and dim.
struct WeightChange {
  double norm = 0;     // 2-norm of all differences
  double largest = 0;  // of one weight
};

struct TableDiff {
  std::string name;
  bool in_a = false;
  bool in_b = false;
  std::uint64_t rows_a = 0;
  std::uint64_t rows_b = 0;
  std::uint64_t added = 0;    // rows of B alone
  std::uint64_t removed = 0;  // rows of A alone
  std::uint64_t changed = 0;  // rows of both that differ in a bit
  WeightChange change;        // over the columns that both have
  Key largest_key = 0;
  std::vector<std::string> options;  // "updater.kind: adagrad -> adam"

  [[nodiscard]] bool same() const {
    return in_a && in_b && added + removed + changed == 0 && options.empty();
  }
};

struct DenseBlockDiff {
  std::string name;
  std::string shape_a;  // "16 x 1"; empty: A has no such block
  std::string shape_b;
  std::uint64_t changed = 0;  // weights that differ in a bit, of a block with the same shape
  WeightChange change;
  std::uint64_t largest_index = 0;

  [[nodiscard]] bool same() const { return shape_a == shape_b && changed == 0; }
};

struct CheckpointDiff {
  std::vector<TableDiff> tables;  // by A's order, then those of B alone
  std::vector<DenseBlockDiff> blocks;
  std::vector<std::string> dense_options;
  bool dense_state_same = true;  // updater state; false where it cannot be compared
  bool features_same = true;     // features.json

  [[nodiscard]] bool same() const;
};

[[nodiscard]] StatusOr<CheckpointDiff> DiffCheckpoints(const CheckpointReader& a,
                                                       const CheckpointReader& b);

}  // namespace rookery
