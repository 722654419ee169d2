#include <algorithm>
#include <cmath>

#include "common/hash.h"
#include "models/model.h"

namespace rookery {
namespace {

void Fill(const DenseBlockSpec& block, Random random, std::span<float> values) {
  const auto uniform = [&](double scale) {
    for (float& value : values) {
      value = static_cast<float>(scale * (2 * random.NextDouble() - 1));
    }
  };
  switch (block.initializer.kind) {
    case InitializerKind::kZeros:
      std::fill(values.begin(), values.end(), block.initial_value);
      return;
    case InitializerKind::kUniform:
      return uniform(block.initializer.scale);
    case InitializerKind::kNormal:
      for (float& value : values) {
        value = static_cast<float>(block.initializer.scale * random.NextNormal());
      }
      return;
    case InitializerKind::kXavier:
      return uniform(std::sqrt(6.0 / (static_cast<double>(block.rows) + block.columns)));
  }
}

}  // namespace

std::vector<float> InitialDense(std::span<const DenseBlockSpec> blocks, std::uint64_t seed) {
  std::uint64_t size = 0;
  for (const DenseBlockSpec& block : blocks) size = std::max(size, block.offset + block.size());
  std::vector<float> dense(size);
  for (const DenseBlockSpec& block : blocks) {
    // Named by the block, so that a new layer elsewhere leaves this one's start as it was.
    Fill(block, Random(seed, Purpose::kInitializeDense, HashText(block.name)),
         std::span(dense).subspan(block.offset, block.size()));
  }
  return dense;
}

}  // namespace rookery
