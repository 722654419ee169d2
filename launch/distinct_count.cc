#include "launch/distinct_count.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "common/check.h"
#include "common/hash.h"

namespace rookery {

KeyCounts CountKeys(std::vector<Key>* keys) {
  std::ranges::sort(*keys);
  KeyCounts counts;
  counts.keys = keys->size();
  for (std::size_t begin = 0; begin < keys->size();) {
    std::size_t end = begin + 1;
    while (end < keys->size() && (*keys)[end] == (*keys)[begin]) ++end;
    ++counts.distinct;
    if (end - begin == 1) ++counts.once;
    if (end - begin == 2) ++counts.twice;
    begin = end;
  }
  return counts;
}

DistinctRange Extrapolate(const KeyCounts& sample, double factor) {
  ROOKERY_CHECK(factor >= 1) << factor;
  const auto seen = static_cast<double>(sample.distinct);
  const auto once = static_cast<double>(sample.once);
  const auto twice = static_cast<double>(sample.twice);
  if (sample.once == 0 || factor == 1) return {seen, seen, seen};
  const auto n = static_cast<double>(sample.keys);
  const double unseen = twice > 0 ? once * once / (2 * twice) : once * (once - 1) / 2;
  DistinctRange range;
  range.low = seen;
  if (unseen > 0) {
    const double rate = once / (n * unseen + once);  // of one more key being a new one, over unseen
    range.low += unseen * -std::expm1(n * (factor - 1) * std::log1p(-rate));
  }
  range.high = std::max(range.low, seen * std::pow(factor, once / seen));
  range.likely = std::sqrt(range.low * range.high);
  return range;
}

DistinctSketch::DistinctSketch() : ranks_(std::size_t{1} << kBits) {}

void DistinctSketch::Add(Key key) {
  const std::uint64_t mixed = MixKey(key);
  const std::uint64_t rest = mixed << kBits | std::uint64_t{1} << (kBits - 1);  // never zero
  const auto rank = static_cast<std::uint8_t>(std::countl_zero(rest) + 1);
  std::uint8_t& place = ranks_[mixed >> (64 - kBits)];
  place = std::max(place, rank);
}

double DistinctSketch::Estimate() const {
  const auto registers = static_cast<double>(ranks_.size());
  double sum = 0;
  double zeros = 0;
  for (const std::uint8_t rank : ranks_) {
    sum += std::ldexp(1.0, -int{rank});
    zeros += rank == 0 ? 1 : 0;
  }
  const double raw = 0.7213 / (1 + 1.079 / registers) * registers * registers / sum;
  if (raw <= 2.5 * registers && zeros > 0) return registers * std::log(registers / zeros);
  return raw;
}

}  // namespace rookery
