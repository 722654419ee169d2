// What recurrent layers share: the order in which elements are done, and the product with the
// state.
//
// Elements of one place in their examples are done together; examples in the order of their
// lengths, longest first, so that those which are that long are always the first ones.
// Private to models/net/.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include "models/dense_layout.h"
#include "models/gemm.h"
#include "models/net/layer.h"
#include "models/vector_math.h"
#include "models/vector_matrix.h"

namespace rookery {

inline float Sigmoid(float x) {
  return 1.0F / (1.0F + std::exp(-x));
}

struct PlaceOrder {
  std::vector<std::size_t> order;   // examples, longest first
  std::vector<std::size_t> first;   // their first rows
  std::vector<std::size_t> active;  // by place: how many examples are that long

  void Fill(const Layer::Call& call) {
    const auto length = [&](std::size_t b) { return call.offsets[b + 1] - call.offsets[b]; };
    order.resize(call.examples);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order,
                             [&](std::size_t a, std::size_t b) { return length(a) > length(b); });
    first.resize(call.examples);
    active.assign(length(order[0]), 0);
    for (std::size_t e = 0; e < call.examples; ++e) {
      const std::size_t b = order[e];
      first[e] = call.offsets[b] - call.offsets[0];
      for (std::size_t t = 0; t < length(b); ++t) ++active[t];
    }
  }
};

// h [count, units] -> product [count, width].
struct StateShape {
  std::size_t count = 0, units = 0, width = 0;
};

// product = h W_h + b_h, with the same bits for an example alone and among others.
inline void StateProduct(const float* dense, const DenseBlock& weight, const DenseBlock& bias,
                         const StateShape& shape, const float* h, float* product) {
  const float* w = dense + weight.offset;
  if (shape.count == 1) {
    VectorTimesMatrix(shape.units, shape.width, h, w, product);
  } else {
    Gemm(false, false, shape.count, shape.width, shape.units, 1, h, shape.units, w, shape.width, 0,
         product, shape.width);
  }
  for (std::size_t e = 0; e < shape.count; ++e) {
    AddScaled(1, dense + bias.offset, shape.width, product + e * shape.width);
  }
}

// The row of `rows` [S, units] before place t of the example whose first row is `first`; zeros
// before the first.
inline void CopyBefore(const float* rows, std::size_t first, std::size_t t, std::size_t units,
                       float* to) {
  if (t == 0) {
    std::fill_n(to, units, 0.0F);
  } else {
    std::copy_n(rows + (first + t - 1) * units, units, to);
  }
}

}  // namespace rookery
