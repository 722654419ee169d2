// GradientFront: what happens to a gradient before any update rule sees it, in this order:
//   clip_value   each element to [-c, c]
//   clip_norm    the gradient scaled down to 2-norm c (a row's; dense: the whole segment's)
//   l2           + l2 * weight
// Norms are summed in double by eight lanes in a fixed order, so the bits do not depend on how the
// compiler vectorises. Values, const; any thread.
#pragma once

#include <cstddef>
#include <span>

#include "common/float_scan.h"
#include "protocol/table_spec.h"

namespace rookery {

// False when an element is not finite or beyond kGradientMax.
[[nodiscard]] bool Acceptable(std::span<const float> gradient);
// The first such element. REQUIRES: !Acceptable(gradient).
[[nodiscard]] std::size_t FirstUnacceptable(std::span<const float> gradient);

// The sum of squares, in an order that depends on the size alone.
[[nodiscard]] double SquaredNorm(const float* values, std::size_t size);

class GradientFront {
 public:
  // ftrl has its own l2: `with_l2` false.
  GradientFront(const UpdaterSpec& spec, bool with_l2);

  [[nodiscard]] bool clips() const { return clip_value_ > 0 || clip_norm_ > 0; }
  [[nodiscard]] float l2() const { return l2_; }
  // Whether gradients pass unchanged.
  [[nodiscard]] bool idle() const { return !clips() && l2_ == 0; }

  // The row's gradient as the rule must see it: `gradient` itself or `scratch` [size].
  [[nodiscard]] const float* Prepare(const float* weights, const float* gradient, std::size_t size,
                                     float* scratch) const;

  // The same in pieces, for a vector whose norm is that of all its pieces.
  [[nodiscard]] bool needs_norm() const { return clip_norm_ > 0; }
  // After clip_value.
  [[nodiscard]] double SquaredNormOf(const float* gradient, std::size_t size) const;
  [[nodiscard]] float ScaleFor(double squared_norm) const;
  void Write(const float* weights, const float* gradient, std::size_t size, float scale, float l2,
             float* out) const;

 private:
  float clip_value_;
  float clip_norm_;
  float l2_;
};

}  // namespace rookery
