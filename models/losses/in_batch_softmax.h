// In-batch softmax with logQ correction (Yi et al. 2019): an example's item is told from the items
// of the other examples, which are drawn as often as they are popular.
//
//   y_bj  = query_b . item_j - log count_j
//   loss  = sum_b log(sum_j exp y_bj) - y_bb,  j over all examples but those that have b's own item
//
// Which items are the same is known by `names`, of one item always the same bytes.
// Shapes   queries, items and their gradients [B, W]; names [B, N]; counts [B] > 0, nullptr: all 1.
// Pure but for `scratch`, which keeps its memory.
#pragma once

#include <cstddef>
#include <vector>

namespace rookery {

struct InBatchItems {
  std::size_t examples = 0;  // B, at least 1
  std::size_t width = 0;     // W
  const float* queries = nullptr;
  const float* items = nullptr;
  const float* names = nullptr;
  std::size_t name_width = 0;  // N
  const float* counts = nullptr;
};

// losses [B]. The gradients, of the losses' sum, are overwritten.
void InBatchSoftmax(const InBatchItems& in, float* losses, float* d_queries, float* d_items,
                    std::vector<float>* scratch);

}  // namespace rookery
