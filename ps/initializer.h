// Initializer: the first weights of a row: a pure function of (seed, table, key), so that they
// depend neither on the order of arrival nor on the number of servers. Arithmetic is our own
// (no libm), so that all machines of a cluster make the same bits.
//
// Values, const; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/types.h"
#include "protocol/table_spec.h"

namespace rookery {

class Initializer {
 public:
  explicit Initializer(const TableSpec& spec);
  // weights: [dim]; the last zero_columns are zero.
  void Fill(Key key, std::span<float> weights) const;

 private:
  InitializerKind kind_;
  float scale_;
  std::uint64_t seed_;
  TableId table_;
  std::size_t random_columns_;
};

}  // namespace rookery
