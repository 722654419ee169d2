// GradientNoise: the Gaussian noise of DP-SGD (protocol/privacy_spec.h), added once to the sum of a
// step's gradients.
//
// The noise of a row is a function of (secret seed, step, table, key), that of a dense parameter
// one of (secret seed, step, its place among all): who adds it, in how many pieces, makes no
// difference, and a step that is repeated after a crash gets the same. Arithmetic as in
// ps/normal_fill.h, alike on all machines.
//
// Values, const; any thread.
#pragma once

#include <cstdint>
#include <span>

#include "common/types.h"
#include "protocol/privacy_spec.h"

namespace rookery {

class GradientNoise {
 public:
  GradientNoise() = default;  // off
  explicit GradientNoise(const PrivacySpec& spec) : spec_(spec) {}

  [[nodiscard]] bool on() const { return spec_.on(); }
  // What a step's sum is divided by, when it is on.
  [[nodiscard]] float lot() const { return static_cast<float>(spec_.lot); }

  // sums [K, dim], of the rows of `keys`.
  void AddToRows(Step step, TableId table, std::span<const Key> keys, std::span<float> sums) const;
  // sums: those of the dense parameters [begin, begin + sums.size()).
  void AddToDense(Step step, std::uint64_t begin, std::span<float> sums) const;

 private:
  PrivacySpec spec_;
};

}  // namespace rookery
