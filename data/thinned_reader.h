// An InputReader for training that leaves things out by chance: examples without a click, of which
// there are too many, and keys, so that a model learns to do without them.
//
// Choices are drawn from the stream (seed, epoch, run), so a run gives the same examples whoever
// reads it, whenever.
// Owner    it owns the reader behind it. Threads: as data/input.h says.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "data/input.h"

namespace rookery {

struct Thinning {
  // Of the examples whose first label is 0 this share is kept, and their weight grows by 1 / share.
  float negative_keep = 1;
  // By feature: the probability that an example's keys of it count nothing, as if there were none:
  // their vector is zeros, which is what a key that was never trained has. Empty: none.
  std::vector<float> dropout;

  [[nodiscard]] bool any() const;
};
[[nodiscard]] Thinning ThinningOf(const Schema& schema, float negative_keep);

// `source` itself when nothing is left out.
[[nodiscard]] std::unique_ptr<InputReader> MakeThinnedReader(std::unique_ptr<InputReader> source,
                                                             Thinning thinning, std::uint64_t seed);

}  // namespace rookery
