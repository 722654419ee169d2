// Embedding combiner: the rows of a feature's keys -> one vector per example, and back.
//
// Inside a batch every key occurrence has a position: the index of its row in `rows` ([U, D], the
// unique rows of the step). Forward gathers and combines; Backward sums, for each unique row, the
// gradients of its occurrences in a fixed order, so the result does not depend on threads.
//
// Threads  Forward is called for disjoint example ranges by several threads; Backward for disjoint
//          ranges of unique rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/batch.h"

namespace rookery {

// The features that read one table, in ModelTable::features order.
struct CombinedFeature {
  const FeatureColumn* column = nullptr;
  Combiner combiner = Combiner::kSum;
  std::span<const std::uint32_t> positions;  // one per key occurrence of the column; kNoRow: no row
};
inline constexpr std::uint32_t kNoRow = 0xffffffffU;  // contributes zero and receives no gradient

// Where the occurrences of each unique row are: row u has occurrences [offsets[u], offsets[u + 1])
// of `entries`, ordered by (feature, example, place in the list).
struct OccurrenceIndex {
  struct Entry {
    std::uint32_t vector;  // of the batch: example * F + feature of a combined one; behind those,
                           // the occurrences of sequences (models/model.h), one after the other
    float weight;          // occurrence weight after the combiner: d(vector) / d(row)
  };
  std::vector<std::uint32_t> offsets;  // [U + 1]
  std::vector<Entry> entries;
};

// Writes [end - begin, F * dim] to `combined`: examples [begin, end) of the batch.
void CombineForward(std::span<const CombinedFeature> features, std::span<const float> rows,
                    std::size_t dim, std::size_t begin, std::size_t end, float* combined);

// One key per example and nothing to weigh: every combined vector is a copy of a row.
[[nodiscard]] bool IsCopy(const CombinedFeature& feature);

// Writes the rows of the key occurrences [begin, end) of a sequence, [end - begin, dim].
void CopyOccurrences(std::span<const std::uint32_t> positions, std::span<const float> rows,
                     std::size_t dim, std::size_t begin, std::size_t end, float* out);

// entries[i] for each key occurrence of the feature, in the order of its keys; `index` is its place
// among the `features` features. Positions are not read.
void ListOccurrences(const CombinedFeature& feature, std::size_t examples, std::uint32_t index,
                     std::size_t features, OccurrenceIndex::Entry* entries);

// row_gradients [U, dim]: for rows [begin, end), the sum over its occurrences of weight *
// vector_gradients[vector, dim], those of the whole batch.
void CombineBackward(const OccurrenceIndex& index, const float* vector_gradients, std::size_t dim,
                     std::size_t begin, std::size_t end, float* row_gradients);

}  // namespace rookery
