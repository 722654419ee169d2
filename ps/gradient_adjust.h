// What changes a mean gradient by the weights that it meets, before clipping, L2 and rule
// (ps/updaters/gradient_front.h), in this order:
//   delay compensation  g += lambda g g (w - pulled), element by element: a first-order guess of
//                       the gradient at w, from that at the weights that were pulled, with g g in
//                       the place of the second derivative              (Zheng 2017, DC-ASGD-c)
//   clip_cow            the gradient of a row scaled down to norm count max(r ||w||, floor); count
//                       is how often the key occurs in the step's examples (Zheng 2022, CowClip)
// Pure functions, any thread.
#pragma once

#include <cstdint>
#include <span>

#include "protocol/table_spec.h"

namespace rookery {

// `weights` and `pulled` are as long as `gradient`.
void CompensateDelay(float lambda, const float* weights, const float* pulled,
                     std::span<float> gradient);
// r is clip_cow, floor is clip_cow_floor of `spec`; `weights` are the row's.
void ClipByCount(const UpdaterSpec& spec, std::uint32_t count, const float* weights,
                 std::span<float> gradient);

}  // namespace rookery
