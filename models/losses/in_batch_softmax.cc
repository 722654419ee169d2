#include "models/losses/in_batch_softmax.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "models/gemm.h"

namespace rookery {
namespace {

bool SameItem(const InBatchItems& in, std::size_t a, std::size_t b) {
  return std::memcmp(in.names + a * in.name_width, in.names + b * in.name_width,
                     in.name_width * sizeof(float)) == 0;
}

// A row of y becomes that of its gradient; returns the loss.
float SoftmaxOfRow(const InBatchItems& in, std::size_t own, float* y) {
  float largest = y[own];
  for (std::size_t j = 0; j < in.examples; ++j) {
    if (j != own && SameItem(in, own, j)) y[j] = -HUGE_VALF;
    largest = std::max(largest, y[j]);
  }
  const float target = y[own] - largest;
  float sum = 0;
  for (std::size_t j = 0; j < in.examples; ++j) sum += y[j] = std::exp(y[j] - largest);
  for (std::size_t j = 0; j < in.examples; ++j) y[j] /= sum;
  y[own] -= 1;
  return std::log(sum) - target;
}

}  // namespace

void InBatchSoftmax(const InBatchItems& in, float* losses, float* d_queries, float* d_items,
                    std::vector<float>* scratch) {
  const std::size_t examples = in.examples, width = in.width;
  scratch->resize(examples * examples + examples);
  float* y = scratch->data();
  float* log_count = y + examples * examples;
  for (std::size_t j = 0; j < examples; ++j) {
    log_count[j] = in.counts == nullptr ? 0.0F : std::log(in.counts[j]);
  }
  Gemm(false, true, examples, examples, width, 1, in.queries, width, in.items, width, 0, y,
       examples);
  for (std::size_t b = 0; b < examples; ++b) {
    float* row = y + b * examples;
    for (std::size_t j = 0; j < examples; ++j) row[j] -= log_count[j];
    losses[b] = SoftmaxOfRow(in, b, row);
  }
  Gemm(false, false, examples, width, examples, 1, y, examples, in.items, width, 0, d_queries,
       width);
  Gemm(true, false, examples, width, examples, 1, y, examples, in.queries, width, 0, d_items,
       width);
}

}  // namespace rookery
