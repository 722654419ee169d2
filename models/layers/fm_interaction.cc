#include "models/layers/fm_interaction.h"

#include <algorithm>
#include <array>

#include "models/fixed_dim.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

using FmWidths = std::index_sequence<4, 8, 10, 16, 32, 64>;

}  // namespace

float FmForward(const FmShape& shape, const float* e, float* sums) {
  std::array<float, kLanes> squares{};  // of column d in lane d % kLanes
  WithDim(
      shape.width,
      [&](auto width) {
        std::fill_n(sums, std::size_t{width}, 0.0F);
        for (std::size_t f = 0; f < shape.groups; ++f) {
          const float* __restrict row = e + f * shape.stride;
          float* __restrict total = sums;
          for (std::size_t d = 0; d < width; ++d) total[d] += row[d];
          for (std::size_t d = 0; d < width; ++d) squares[d % kLanes] += row[d] * row[d];
        }
      },
      FmWidths{});
  return 0.5F * (Dot(sums, sums, shape.width) - Sum(squares.data(), kLanes));
}

void FmBackward(const FmShape& shape, const float* e, const float* sums, float dy,
                const float* base, float* de) {
  WithDim(
      shape.width,
      [&](auto width) {
        for (std::size_t f = 0; f < shape.groups; ++f) {
          const float* __restrict row = e + f * shape.stride;
          float* __restrict out = de + f * shape.stride;
          if (base == nullptr) {
            for (std::size_t d = 0; d < width; ++d) out[d] = dy * (sums[d] - row[d]);
          } else {
            const float* __restrict more = base + f * width;
            for (std::size_t d = 0; d < width; ++d) out[d] = dy * (sums[d] - row[d]) + more[d];
          }
        }
      },
      FmWidths{});
}

}  // namespace rookery
