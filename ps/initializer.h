// Initializer: the first weights of a row: a pure function of (seed, table, key), so that they
// depend neither on the order of arrival nor on the number of servers. Arithmetic is our own
// (no libm), so that all machines of a cluster make the same bits.
//
// Values, const; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/random.h"
#include "common/types.h"
#include "protocol/table_spec.h"

namespace rookery {

class Initializer {
 public:
  explicit Initializer(const TableSpec& spec);
  // rows[i]: the weights of keys[i], [dim]; the last zero_columns are zero.
  void Fill(std::span<const Key> keys, std::span<float* const> rows) const;
  void Fill(Key key, std::span<float> weights) const {
    float* const row = weights.data();
    Fill(std::span(&key, 1), std::span(&row, 1));
  }

 private:
  [[nodiscard]] Random NumbersOf(Key key) const;
  void Normal(std::span<const Key> keys, std::span<float* const> rows) const;
  void Uniform(std::span<const Key> keys, std::span<float* const> rows) const;

  InitializerKind kind_;
  float scale_;
  std::uint64_t seed_;
  TableId table_;
  std::size_t dim_;
  std::size_t random_columns_;
};

}  // namespace rookery
