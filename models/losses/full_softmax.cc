#include "models/losses/full_softmax.h"

#include <algorithm>
#include <cmath>

#include "models/gemm.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

// Query q's products y [I] become their gradient; returns the loss.
double SoftmaxOfQuery(const FullSoftmaxInput& in, std::size_t q, float* y) {
  const std::uint32_t begin = in.offsets[q], end = in.offsets[q + 1];
  const double count = end - begin;
  double wanted = 0;
  for (std::uint32_t w = begin; w < end; ++w) wanted += y[in.wanted[w]];
  const float largest = *std::max_element(y, y + in.items);
  for (std::size_t i = 0; i < in.items; ++i) y[i] = std::exp(y[i] - largest);
  const float sum = Sum(y, in.items);
  const float scale = in.weights[q] * static_cast<float>(count) / sum;
  for (std::size_t i = 0; i < in.items; ++i) y[i] *= scale;
  for (std::uint32_t w = begin; w < end; ++w) y[in.wanted[w]] -= in.weights[q];
  return count * (std::log(double{sum}) + largest) - wanted;
}

}  // namespace

void FullSoftmax(const FullSoftmaxInput& in, double* losses, float* d_queries, float* d_items,
                 FloatBuffer* scratch) {
  const std::size_t width = in.width, items = in.items;
  const std::size_t block = std::clamp<std::size_t>(kProducts / items, 1, in.queries + 1);
  float* y = scratch->Grow(block * items);
  for (std::size_t first = 0; first < in.queries; first += block) {
    const std::size_t rows = std::min(block, in.queries - first);
    const float* queries = in.query_rows + first * width;
    Gemm(false, true, rows, items, width, 1, queries, width, in.item_rows, width, 0, y, items);
    for (std::size_t r = 0; r < rows; ++r) {
      losses[first + r] = SoftmaxOfQuery(in, first + r, y + r * items);
    }
    Gemm(false, false, rows, width, items, 1, y, items, in.item_rows, width, 0,
         d_queries + first * width, width);
    Gemm(true, false, items, width, rows, 1, y, items, queries, width, 1, d_items, width);
  }
}

}  // namespace rookery
