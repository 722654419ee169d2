// FM interaction (Rendle 2010): the sum over pairs of features of the dot product of their vectors,
// 1/2 sum_d ((sum_f e_fd)^2 - sum_f e_fd^2), in linear time. One example per call.
//
// Shapes   e: `groups` vectors, `stride` floats apart, of which the first `width` interact;
//          sums [width]: sum over the groups, kept for the backward pass. Pure, any thread.
#pragma once

#include <cstddef>

namespace rookery {

struct FmShape {
  std::size_t groups = 0;
  std::size_t stride = 0;
  std::size_t width = 0;
};

[[nodiscard]] float FmForward(const FmShape& shape, const float* e, float* sums);
// Overwrites the interacting columns of de: dy * (sums - e) + base, where base [groups, width] is a
// gradient from elsewhere (nullptr: none).
void FmBackward(const FmShape& shape, const float* e, const float* sums, float dy,
                const float* base, float* de);

}  // namespace rookery
