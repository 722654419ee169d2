#include "ps/gradient_noise.h"

#include <algorithm>
#include <array>
#include <vector>

#include "common/random.h"
#include "ps/normal_fill.h"

namespace rookery {
namespace {

// Dense parameters that share a stream.
constexpr std::uint64_t kBlockFloats = 1024;
constexpr std::size_t kRowsAtOnce = 64;

void Add(const float* noise, std::span<float> sums) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += noise[i];
}

}  // namespace

void GradientNoise::AddToRows(Step step, TableId table, std::span<const Key> keys,
                              std::span<float> sums) const {
  if (keys.empty() || spec_.deviation() == 0) return;
  const std::size_t dim = sums.size() / keys.size();
  // A stream has two names beside its seed: the first two names make the seed of the third.
  const Random of_table(spec_.noise_seed, Purpose::kRowNoise, Raw(step), Raw(table));
  std::array<std::uint64_t, kRowsAtOnce> streams;
  std::array<float*, kRowsAtOnce> rows;
  std::vector<float> noise(std::min(kRowsAtOnce, keys.size()) * dim);
  for (std::size_t i = 0; i < keys.size(); i += kRowsAtOnce) {
    const std::size_t count = std::min(kRowsAtOnce, keys.size() - i);
    for (std::size_t j = 0; j < count; ++j) {
      streams[j] = Random(of_table.stream(), Purpose::kRowNoise, keys[i + j]).stream();
      rows[j] = noise.data() + j * dim;
    }
    FillNormal({streams.data(), count}, {rows.data(), count}, dim, spec_.deviation());
    Add(noise.data(), sums.subspan(i * dim, count * dim));
  }
}

void GradientNoise::AddToDense(Step step, std::uint64_t begin, std::span<float> sums) const {
  if (spec_.deviation() == 0) return;
  std::array<float, kBlockFloats> noise;
  float* const row = noise.data();
  const std::uint64_t end = begin + sums.size();
  for (std::uint64_t at = begin; at < end;) {
    const std::uint64_t block = at / kBlockFloats;
    const std::uint64_t last = std::min(end, (block + 1) * kBlockFloats);
    const Random random(spec_.noise_seed, Purpose::kDenseNoise, Raw(step), block);
    const std::uint64_t stream = random.stream();
    FillNormal({&stream, 1}, {&row, 1}, kBlockFloats, spec_.deviation());
    Add(row + at % kBlockFloats, sums.subspan(at - begin, last - at));
    at = last;
  }
}

}  // namespace rookery
