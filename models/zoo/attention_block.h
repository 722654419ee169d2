// The block of self-attention that models of sequences stack: attention, then a network over each
// element, each with dropout, the sum with its input, and a layer norm. Private to models/zoo/.
#pragma once

#include <string>

#include "models/net/net.h"
#include "models/zoo/next_item_model.h"

namespace rookery {

// h [S, D] of the history's rows x: x plus positions, norm and dropout, then model.attention_layers
// blocks. kInvalidInput: heads that do not divide D, an unknown activation.
[[nodiscard]] Status CheckAttention(const ModelSpec& spec, std::uint32_t dim);
// REQUIRES: CheckAttention.
[[nodiscard]] NetValue AddAttentionBlocks(NetBuilder& net, const ModelSpec& spec, NetValue x,
                                          bool causal);

}  // namespace rookery
