// Elements of a sequence that a net does not see. Pure functions, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/net/net.h"

namespace rookery {

// Those that a net learns to tell (BERT4Rec, Sun et al. 2019): each example's last one, and in
// training others by chance. *hidden [S] gets 1 where an element is hidden; `stream`: nullptr in
// prediction. The same part of the same slice and step always hides the same.
void FindHidden(const DropoutStream* stream, std::uint32_t percent, const std::uint32_t* offsets,
                std::size_t examples, std::vector<std::uint8_t>* hidden);

// A layer: hidden elements are zeros. The last one is left as it is in prediction: it must be
// zeros.
NetValue AddHiddenElements(NetBuilder& net, NetValue sequence, std::uint32_t percent);

// In training elements are zeros with this probability, in prediction all are as they are.
NetValue AddDroppedElements(NetBuilder& net, NetValue sequence, float probability);

}  // namespace rookery
