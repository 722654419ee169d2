// The order in which the examples of one leased run are trained. Pure: whoever asks, whenever,
// gets the same permutation, so a run can be taken up again in its middle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "data/input.h"

namespace rookery {

struct ShuffleOptions {
  bool enabled = true;  // false: file order
  std::uint64_t seed = 0;
};

// A permutation of [0, examples), from the stream (seed, kShuffle, epoch, hash of the run). The
// window of the shuffle is the run.
[[nodiscard]] std::vector<std::uint32_t> ShuffledOrder(const ShuffleOptions& options,
                                                       std::uint64_t epoch, const ChunkRun& run,
                                                       std::size_t examples);

}  // namespace rookery
