// Layers over sequences: values whose rows are the elements of a sequence, S in all, one example's
// after the other's, as long as each example's happens to be. Each function appends layers and
// returns their value.
#pragma once

#include <cstddef>
#include <string>

#include "models/net/net.h"

namespace rookery {

// Row b of x [B, width] for every element of example b, [S, width].
NetValue AddRepeat(NetBuilder& net, NetValue x, NetValue sequence);
// The sum of each example's elements, [B, width]; zeros for an empty one.
NetValue AddSumOfElements(NetBuilder& net, NetValue sequence);
// Each example's last element, [B, width]; zeros for an empty one.
NetValue AddLastElement(NetBuilder& net, NetValue sequence);

// Element i of an example plus row e of the block NAME [length, width], which starts as normal
// numbers of deviation 0.02, where e = 0 at the example's last element, 1 at the one before, and so
// on; `length` - 1 at all that are further away.
NetValue AddPositions(NetBuilder& net, const std::string& name, NetValue sequence,
                      std::size_t length);
// Each element with the `length` - 1 before it, the oldest first: [S, length * width]; zeros where
// the example has none.
NetValue AddWindow(NetBuilder& net, NetValue sequence, std::size_t length);
// Each example's elements in the opposite order.
NetValue AddReversed(NetBuilder& net, NetValue sequence);

// Gated recurrent unit (Cho et al. 2014, as PyTorch has it), from h = 0 at each example's first
// element, [S, units]:
//   r, z = sigmoid(x W_x + b_x + h W_h + b_h), their columns
//   n    = tanh(x W_x + b_x + r (h W_h + b_h)), its columns
//   h'   = (1 - z) n + z h
// Blocks NAME.input.weight [width, 3 units], NAME.state.weight [units, 3 units], columns r, z, n,
// and their biases.
NetValue AddGru(NetBuilder& net, const std::string& name, NetValue sequence, std::size_t units);

// Long short-term memory (Hochreiter & Schmidhuber 1997, as PyTorch has it), from h = c = 0,
// [S, units]:
//   i, f, o = sigmoid, g = tanh of their columns of x W_x + b_x + h W_h + b_h
//   c' = f c + i g, h' = o tanh(c')
// Blocks as those of the GRU, columns i, f, g, o.
NetValue AddLstm(NetBuilder& net, const std::string& name, NetValue sequence, std::size_t units);

// Scaled dot-product attention inside each example (Vaswani et al. 2017) in `heads` equal parts of
// the columns: softmax(q k^T scale) v; causal: of an element to those before it and itself.
// q, k, v [S, width].
NetValue AddSelfAttention(NetBuilder& net, NetValue q, NetValue k, NetValue v, std::size_t heads,
                          float scale, bool causal);

}  // namespace rookery
