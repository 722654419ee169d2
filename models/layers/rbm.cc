#include "models/layers/rbm.h"

#include <algorithm>

#include "models/gemm.h"
#include "models/layers/activation.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

const float* NumbersOf(const RbmExamples& examples, const RbmVisible& visible) {
  return visible.numbers == nullptr ? examples.numbers : visible.numbers;
}

// Where the row of unit f in example b begins.
std::size_t RowOf(const Rbm& rbm, const RbmVisible& visible, std::size_t b, std::size_t f) {
  const std::size_t unit = b * rbm.row_units + f;
  const std::size_t place = visible.places == nullptr ? b : visible.places[unit];
  return (place * rbm.row_units + f) * rbm.row_width();
}

}  // namespace

void RbmHidden(const Rbm& rbm, const RbmExamples& examples, const RbmVisible& visible, float* h) {
  const std::size_t hidden = rbm.hidden;
  std::fill_n(h, examples.count * hidden, 0.0F);
  for (std::size_t b = 0; b < examples.count; ++b) {
    for (std::size_t f = 0; f < rbm.row_units; ++f) {
      AddScaled(1, examples.rows + RowOf(rbm, visible, b, f), hidden, h + b * hidden);
    }
  }
  if (rbm.numbers > 0) {
    Gemm(false, false, examples.count, hidden, rbm.numbers, 1, NumbersOf(examples, visible),
         rbm.numbers, rbm.weight, hidden, 1, h, hidden);
  }
  ActivationForward(Activation::kSigmoid, examples.count, hidden, rbm.hidden_bias, h);
}

// dF / dx_j = -h_j, and X is linear in everything.
void AddFreeEnergyGradient(const Rbm& rbm, const RbmExamples& examples, const RbmVisible& visible,
                           const float* h, float factor, RbmScratch& scratch,
                           const RbmGradients& gradients) {
  const std::size_t hidden = rbm.hidden, width = rbm.numbers;
  float* weighed = scratch.weighed.Grow(examples.count * hidden);
  const float* numbers = NumbersOf(examples, visible);
  for (std::size_t b = 0; b < examples.count; ++b) {
    const float slope = -factor * examples.weight(b);
    float* dx = weighed + b * hidden;
    for (std::size_t j = 0; j < hidden; ++j) dx[j] = slope * h[b * hidden + j];
    AddScaled(1, dx, hidden, gradients.hidden_bias);
    for (std::size_t f = 0; f < rbm.row_units; ++f) {
      float* d_row = gradients.rows + RowOf(rbm, visible, b, f);
      AddScaled(1, dx, hidden, d_row);
      d_row[hidden] += slope;
    }
    for (std::size_t i = 0; i < width; ++i) {
      const float v = numbers[b * width + i];
      const bool gaussian = rbm.kind == Rbm::Numbers::kGaussian;
      gradients.visible_bias[i] += slope * (gaussian ? v - rbm.visible_bias[i] : v);
    }
  }
  if (width == 0) return;
  Gemm(true, false, width, hidden, examples.count, 1, numbers, width, weighed, hidden, 1,
       gradients.weight, hidden);
}

double ContrastiveDivergence(const Rbm& rbm, const RbmExamples& examples, const float* h,
                             float factor, Random random, RbmScratch& scratch,
                             const RbmGradients& gradients) {
  const std::size_t count = examples.count * rbm.hidden;
  float* sampled = scratch.sampled.Grow(count);
  for (std::size_t i = 0; i < count; ++i) sampled[i] = random.NextFloat() < h[i] ? 1.0F : 0.0F;
  std::uint32_t* places = scratch.places.Grow(examples.count * rbm.row_units);
  float* numbers = scratch.numbers.Grow(examples.count * rbm.numbers);
  const double error = RbmRedraw(rbm, examples, sampled, random, places, numbers, scratch);
  const RbmVisible redrawn{places, numbers};
  float* h_redrawn = scratch.hidden.Grow(count);
  RbmHidden(rbm, examples, redrawn, h_redrawn);
  AddFreeEnergyGradient(rbm, examples, {}, h, factor, scratch, gradients);
  AddFreeEnergyGradient(rbm, examples, redrawn, h_redrawn, -factor, scratch, gradients);
  return error;
}

}  // namespace rookery
