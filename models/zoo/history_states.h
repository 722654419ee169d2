// HistoryStates: what a net makes of the histories of a part's examples, for the losses of models
// of the next item. Plain data.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rookery {

// The states [S, D] after the elements of B histories, S in all.
struct HistoryStates {
  const float* rows = nullptr;
  std::size_t dim = 0;                     // D
  std::size_t examples = 0;                // B
  const float* weights = nullptr;          // [B]; nullptr: all 1
  const std::uint32_t* offsets = nullptr;  // [B + 1], as in SequenceInput
  const std::uint8_t* learned = nullptr;   // [S], 0: the element has no loss; nullptr: all have
  bool alike = false;                      // the states of an example are all the same

  [[nodiscard]] std::size_t Begin(std::size_t example) const {
    return offsets[example] - offsets[0];
  }
  [[nodiscard]] std::size_t End(std::size_t example) const { return Begin(example + 1); }
  [[nodiscard]] float Weight(std::size_t example) const {
    return weights == nullptr ? 1.0F : weights[example];
  }
  [[nodiscard]] bool Learned(std::size_t element) const {
    return learned == nullptr || learned[element] != 0;
  }
};

}  // namespace rookery
