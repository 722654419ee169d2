// What DP-SGD (Abadi et al.: Deep learning with differential privacy, 2016, algorithm 1) is set to;
// the same in all roles. Plain data.
//
//   each example's gradient, of rows and dense parameters together, is scaled down to the 2-norm
//   clip_norm; to a step's sum of them N(0, (noise_multiplier * clip_norm)^2) is added, in every
//   dense parameter and every element of every row that the step touches; the sum is divided by
//   `lot`, however many examples there were. The update rules see nothing else.
#pragma once

#include <cstdint>

namespace rookery {

struct PrivacySpec {
  double clip_norm = 0;          // 0: off, and nothing below is used
  double noise_multiplier = 0;   // 0: clips only, which guarantees nothing
  std::uint64_t noise_seed = 0;  // secret: who knows it can take the noise off again
  std::uint32_t lot = 1;         // examples of a step of the whole job
  double delta = 1e-5;           // of the guarantee; changes nothing in training

  [[nodiscard]] bool on() const { return clip_norm > 0; }
  [[nodiscard]] float deviation() const { return static_cast<float>(noise_multiplier * clip_norm); }
};

}  // namespace rookery
