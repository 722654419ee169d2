#include "models/layers/dropout.h"

#include <algorithm>

#include "common/random.h"

namespace rookery {
// a = step, b = slice (16 bits) | layer (16 bits) | part (32 bits): no two parts share a stream.
Random DropoutNumbers(const DropoutStream& stream, std::size_t layer) {
  return {stream.seed, Purpose::kDropout, Raw(stream.step),
          (std::uint64_t{Raw(stream.slice)} << 48U) | (std::uint64_t{layer & 0xffffU} << 32U) |
              stream.part};
}

void DropoutMask(const DropoutStream& stream, std::size_t layer, float probability,
                 std::size_t count, std::uint8_t* mask) {
  const Random random = DropoutNumbers(stream, layer);
  const auto threshold = static_cast<std::uint32_t>(static_cast<double>(probability) * 0x1.0p32);
  // One 64-bit number of the stream decides about two elements.
  for (std::size_t pair = 0; pair < (count + 1) / 2; ++pair) {
    const std::uint64_t bits = random.At(pair);
    mask[2 * pair] = static_cast<std::uint32_t>(bits) >= threshold ? 1 : 0;
    if (2 * pair + 1 < count) {
      mask[2 * pair + 1] = static_cast<std::uint32_t>(bits >> 32U) >= threshold ? 1 : 0;
    }
  }
}

void DropoutForward(const DropoutStream& stream, std::size_t layer, float probability,
                    std::size_t count, const float* x, float* y, std::uint8_t* mask) {
  DropoutMask(stream, layer, probability, count, mask);
  const float scale = 1.0F / (1.0F - probability);
  for (std::size_t i = 0; i < count; ++i) y[i] = mask[i] != 0 ? x[i] * scale : 0.0F;
}

void DropoutBackward(float probability, std::size_t count, const std::uint8_t* mask, float* dy) {
  const float scale = 1.0F / (1.0F - probability);
  for (std::size_t i = 0; i < count; ++i) dy[i] = mask[i] != 0 ? dy[i] * scale : 0.0F;
}

}  // namespace rookery
