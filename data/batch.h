// Batch: examples in columns, as they travel from a reader to a model. Also used for the larger
// blocks that readers produce and the shuffle window permutes.
//
// Shapes   B examples, N numeric values and K labels each, F features. A feature is ragged: example
// i has the
//          keys [offset(i), offset(i + 1)).
// Owner    plain data, owned by whoever holds it. Not shared between threads while written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/types.h"

namespace rookery {

// How the rows of one example's keys become one vector. w = weight of an occurrence (1 when
// absent).
enum class Combiner : std::uint8_t {
  kSum,    // sum w v
  kMean,   // sum w v / sum w   (0 for an empty list)
  kSqrtN,  // sum w v / sqrt(sum w^2)
  kNone,   // they do not: the model reads each row (a sequence)
};

struct FeatureColumn {
  std::vector<Key> keys;
  std::vector<std::uint32_t> offsets;  // B + 1 values; empty when every example has exactly one key
  std::vector<float> weights;          // one per key; empty when all are 1

  [[nodiscard]] std::size_t Begin(std::size_t example) const {
    return offsets.empty() ? example : offsets[example];
  }
  [[nodiscard]] std::size_t End(std::size_t example) const {
    return offsets.empty() ? example + 1 : offsets[example + 1];
  }
  [[nodiscard]] float Weight(std::size_t occurrence) const {
    return weights.empty() ? 1.0F : weights[occurrence];
  }
};

struct Batch {
  std::size_t examples = 0;
  std::size_t numeric_width = 0;
  std::size_t label_width = 1;          // K
  std::vector<float> labels;            // [B, K] row-major; NaN: the example has none
  std::vector<float> weights;           // [B]; empty when all are 1
  std::vector<float> numeric;           // [B, N] row-major, after transforms
  std::vector<FeatureColumn> features;  // [F], in schema order

  [[nodiscard]] float Weight(std::size_t example) const {
    return weights.empty() ? 1.0F : weights[example];
  }
};

// A batch with the shape of `like` (numbers and labels, features, which of them are ragged) and
// places for `examples`, to be filled by the two below from the first on. Its memory is used again.
void ShapeLike(const Batch& like, std::size_t examples, Batch* batch);
// The examples `rows` of `from` (same shape) become the examples from `at` on.
void GatherRows(const Batch& from, const std::uint32_t* rows, std::size_t count, std::size_t at,
                Batch* batch);
// The same for the examples from `begin` on, in their order.
void CopyRows(const Batch& from, std::size_t begin, std::size_t count, std::size_t at,
              Batch* batch);

// Puts the examples `rows` of the batch in the place of all, in that order. Column by column
// through `scratch`, which gets the memory of the column before: what is written is still in the
// cache.
void ReorderRows(const std::uint32_t* rows, std::size_t count, Batch* batch, Batch* scratch);

// Drops the first `count` keys of the last example of a ragged feature, before its end is noted in
// the offsets.
void DropFirstOfLast(std::size_t count, FeatureColumn* feature);

// Drops the examples from `examples` on, also half-appended ones.
void TruncateBatch(std::size_t examples, Batch* batch);

}  // namespace rookery
