#include "ps/updaters/gradient_front.h"

#include <algorithm>
#include <cmath>

#include "common/sum_squares.h"

namespace rookery {
namespace {

float Clip(float value, float limit) {
  const float low = value < -limit ? -limit : value;
  return low > limit ? limit : low;
}

}  // namespace

bool Acceptable(std::span<const float> gradient) {
  return FirstBeyond(gradient, kGradientMax) == gradient.size();
}

std::size_t FirstUnacceptable(std::span<const float> gradient) {
  return FirstBeyond(gradient, kGradientMax);
}

double SquaredNorm(const float* values, std::size_t size) {
  return SumSquares(size, [values](std::size_t i) { return static_cast<double>(values[i]); });
}

GradientFront::GradientFront(const UpdaterSpec& spec, bool with_l2)
    : clip_value_(spec.clip_value), clip_norm_(spec.clip_norm), l2_(with_l2 ? spec.l2 : 0) {}

double GradientFront::SquaredNormOf(const float* gradient, std::size_t size) const {
  if (clip_value_ <= 0) return SquaredNorm(gradient, size);
  return SumSquares(size, [gradient, limit = clip_value_](std::size_t i) {
    return static_cast<double>(Clip(gradient[i], limit));
  });
}

float GradientFront::ScaleFor(double squared_norm) const {
  const double norm = std::sqrt(squared_norm);
  return norm > clip_norm_ ? static_cast<float>(clip_norm_ / norm) : 1.0F;
}

void GradientFront::Write(const float* weights, const float* gradient, std::size_t size,
                          float scale, float l2, float* __restrict out) const {
  if (clip_value_ > 0) {
    const float limit = clip_value_;
    for (std::size_t i = 0; i < size; ++i)
      out[i] = Clip(gradient[i], limit) * scale + l2 * weights[i];
  } else {
    for (std::size_t i = 0; i < size; ++i) out[i] = gradient[i] * scale + l2 * weights[i];
  }
}

const float* GradientFront::Prepare(const float* weights, const float* gradient, std::size_t size,
                                    float* scratch) const {
  if (idle()) return gradient;
  const float scale = needs_norm() ? ScaleFor(SquaredNormOf(gradient, size)) : 1.0F;
  Write(weights, gradient, size, scale, l2_, scratch);
  return scratch;
}

}  // namespace rookery
