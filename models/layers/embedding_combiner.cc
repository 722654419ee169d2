#include "models/layers/embedding_combiner.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "models/fixed_dim.h"

namespace rookery {
namespace {

// Occurrences between the prefetch of a row and its use.
constexpr std::size_t kAhead = 12;
// Examples whose combined vectors stay in cache while the features take turns.
constexpr std::size_t kBlockExamples = 32;

inline void PrefetchRow(const float* row, std::size_t dim) {
  __builtin_prefetch(row);
  if (dim > 1) __builtin_prefetch(row + dim - 1);
}

// What the weights of one example's list are multiplied by.
float ListScale(const CombinedFeature& feature, std::size_t begin, std::size_t end) {
  if (feature.combiner == Combiner::kSum) return 1.0F;
  double norm = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const double weight = feature.column->Weight(i);
    norm += feature.combiner == Combiner::kMean ? weight : weight * weight;
  }
  if (feature.combiner == Combiner::kSqrtN) norm = std::sqrt(norm);
  return norm == 0 ? 0.0F : static_cast<float>(1.0 / norm);
}

template <class Dim>
void CopyRows(std::span<const std::uint32_t> positions, const float* rows, Dim dim,
              std::size_t begin, std::size_t end, std::size_t stride, float* combined) {
  const std::size_t last = positions.size() - 1;
  for (std::size_t example = begin; example < end; ++example, combined += stride) {
    const std::uint32_t ahead = positions[std::min(example + kAhead, last)];
    if (ahead != kNoRow) PrefetchRow(rows + ahead * std::size_t{dim}, dim);
    const std::uint32_t position = positions[example];
    if (position == kNoRow) {
      std::memset(combined, 0, dim * sizeof(float));
    } else {
      std::memcpy(combined, rows + position * std::size_t{dim}, dim * sizeof(float));
    }
  }
}

template <class Dim>
void CombineLists(const CombinedFeature& feature, const float* rows, Dim dim, std::size_t begin,
                  std::size_t end, std::size_t stride, float* combined) {
  const FeatureColumn& column = *feature.column;
  const std::size_t last = feature.positions.size();
  for (std::size_t example = begin; example < end; ++example, combined += stride) {
    const std::size_t list_begin = column.Begin(example);
    const std::size_t list_end = column.End(example);
    const float scale = ListScale(feature, list_begin, list_end);
    float* __restrict out = combined;
    std::memset(out, 0, dim * sizeof(float));
    for (std::size_t i = list_begin; i < list_end; ++i) {
      const std::size_t ahead = i + kAhead;
      if (ahead < last && feature.positions[ahead] != kNoRow) {
        PrefetchRow(rows + feature.positions[ahead] * std::size_t{dim}, dim);
      }
      if (feature.positions[i] == kNoRow) continue;
      const float weight = column.Weight(i) * scale;
      const float* __restrict row = rows + feature.positions[i] * std::size_t{dim};
      for (std::size_t d = 0; d < dim; ++d) out[d] += weight * row[d];
    }
  }
}

template <class Dim>
void SumOccurrences(const OccurrenceIndex& index, const float* vector_gradients, Dim dim,
                    std::size_t begin, std::size_t end, float* row_gradients) {
  const OccurrenceIndex::Entry* entries = index.entries.data();
  const std::size_t last = index.offsets[end];
  const auto source = [&](const OccurrenceIndex::Entry& entry) {
    return vector_gradients + std::size_t{entry.vector} * dim;
  };
  for (std::size_t row = begin; row < end; ++row) {
    float* __restrict out = row_gradients + row * dim;
    std::memset(out, 0, dim * sizeof(float));
    for (std::size_t i = index.offsets[row]; i < index.offsets[row + 1]; ++i) {
      if (i + kAhead < last) PrefetchRow(source(entries[i + kAhead]), dim);
      const float weight = entries[i].weight;
      const float* __restrict gradient = source(entries[i]);
      for (std::size_t d = 0; d < dim; ++d) out[d] += weight * gradient[d];
    }
  }
}

}  // namespace

void CombineForward(std::span<const CombinedFeature> features, std::span<const float> rows,
                    std::size_t dim, std::size_t begin, std::size_t end, float* combined) {
  const std::size_t stride = features.size() * dim;
  WithDim(
      dim,
      [&](auto fixed_dim) {
        for (std::size_t block = begin; block < end; block += kBlockExamples) {
          const std::size_t block_end = std::min(block + kBlockExamples, end);
          float* out = combined + (block - begin) * stride;
          for (const CombinedFeature& feature : features) {
            if (IsCopy(feature)) {
              CopyRows(feature.positions, rows.data(), fixed_dim, block, block_end, stride, out);
            } else {
              CombineLists(feature, rows.data(), fixed_dim, block, block_end, stride, out);
            }
            out += dim;
          }
        }
      },
      UsualDims{});
}

void CopyOccurrences(std::span<const std::uint32_t> positions, std::span<const float> rows,
                     std::size_t dim, std::size_t begin, std::size_t end, float* out) {
  WithDim(
      dim,
      [&](auto fixed_dim) {
        CopyRows(positions, rows.data(), fixed_dim, begin, end, fixed_dim, out);
      },
      UsualDims{});
}

bool IsCopy(const CombinedFeature& feature) {
  return feature.column->offsets.empty() && feature.column->weights.empty();
}

void ListOccurrences(const CombinedFeature& feature, std::size_t examples, std::uint32_t index,
                     std::size_t features, OccurrenceIndex::Entry* entries) {
  const FeatureColumn& column = *feature.column;
  for (std::size_t example = 0; example < examples; ++example) {
    const std::size_t end = column.End(example);
    const float scale = ListScale(feature, column.Begin(example), end);
    for (std::size_t i = column.Begin(example); i < end; ++i) {
      entries[i] = {static_cast<std::uint32_t>(example * features + index),
                    column.Weight(i) * scale};
    }
  }
}

void CombineBackward(const OccurrenceIndex& index, const float* vector_gradients, std::size_t dim,
                     std::size_t begin, std::size_t end, float* row_gradients) {
  WithDim(
      dim,
      [&](auto fixed_dim) {
        SumOccurrences(index, vector_gradients, fixed_dim, begin, end, row_gradients);
      },
      UsualDims{});
}

}  // namespace rookery
