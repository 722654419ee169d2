// StepGradients: what one optimizer step applies to a shard: means over the step's examples, and
// what pushes carried along with them. Spans into buffers of whoever made it; plain data.
#pragma once

#include <cstdint>
#include <span>

#include "common/block_pool.h"
#include "common/types.h"

namespace rookery {

struct StepTable {
  TableId table{};
  std::span<const Key> keys;              // unique, ascending by MixKey
  std::span<float> gradients;             // [keys, dim]; may be changed before they are applied
  std::span<const std::uint32_t> counts;  // [keys]: occurrences in the examples; or empty
  std::span<const float> pulled;          // [keys, dim]: what they were computed from; or empty
};

struct StepGradients {
  std::uint64_t examples = 0;      // 0: nothing to apply
  PooledVector<StepTable> tables;  // each table once
  std::span<float> dense;          // empty when no slice had any
  std::span<const float> pulled_dense;
  float rate_scale = 1;  // of the learning rates
};

}  // namespace rookery
