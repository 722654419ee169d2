// Full softmax: wanted items told from all items there are.
//
//   y_qi  = query_q . item_i
//   loss  = sum over q's wanted items w of log(sum_i exp y_qi) - y_qw
//
// With one wanted item it is the cross-entropy, with all of a user's the multinomial likelihood
// (Liang et al. 2018). Shapes   Q queries of W floats, I items. The products of some queries with
// all items are in memory
//          at the same time: kProducts floats, or I of them where those are more.
// Pure but for `scratch`, which keeps its memory. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "models/float_buffer.h"

namespace rookery {

struct FullSoftmaxInput {
  std::size_t width = 0;                   // W
  std::size_t items = 0;                   // I, at least 1
  const float* item_rows = nullptr;        // [I, W]
  std::size_t queries = 0;                 // Q
  const float* query_rows = nullptr;       // [Q, W]
  const float* weights = nullptr;          // [Q], of the losses in the gradients
  const std::uint32_t* offsets = nullptr;  // [Q + 1], into `wanted`
  const std::uint32_t* wanted = nullptr;   // below I; the same item may be wanted more than once
};

inline constexpr std::size_t kProducts = std::size_t{1} << 20U;

// losses [Q], without weights. Gradients are of the sum of weight * loss: d_queries [Q, W] is
// overwritten, to d_items [I, W] they are added.
void FullSoftmax(const FullSoftmaxInput& in, double* losses, float* d_queries, float* d_items,
                 FloatBuffer* scratch);

}  // namespace rookery
