// BuildOccurrenceIndex: the occurrences of each unique row found from positions by counting, for
// tests of what uses or makes an OccurrenceIndex another way.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/layers/embedding_combiner.h"

namespace rookery {

inline OccurrenceIndex BuildOccurrenceIndex(std::span<const CombinedFeature> features,
                                            std::size_t unique_rows, std::size_t examples) {
  std::vector<std::vector<OccurrenceIndex::Entry>> rows(unique_rows);
  for (std::uint32_t f = 0; f < features.size(); ++f) {
    const std::vector<std::uint32_t> positions(features[f].positions.begin(),
                                               features[f].positions.end());
    std::vector<OccurrenceIndex::Entry> entries(positions.size());
    ListOccurrences(features[f], examples, f, features.size(), entries.data());
    for (std::size_t i = 0; i < positions.size(); ++i) {
      if (positions[i] != kNoRow) rows.at(positions[i]).push_back(entries[i]);
    }
  }
  OccurrenceIndex index{{0}, {}};
  for (const auto& row : rows) {
    index.entries.insert(index.entries.end(), row.begin(), row.end());
    index.offsets.push_back(static_cast<std::uint32_t>(index.entries.size()));
  }
  return index;
}

}  // namespace rookery
