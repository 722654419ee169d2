#include "ps/initializer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "common/check.h"
#include "common/random.h"
#include "ps/normal_fill.h"

namespace rookery {

Initializer::Initializer(const TableSpec& spec)
    : kind_(spec.initializer.kind),
      scale_(spec.initializer.scale),
      seed_(spec.seed),
      table_(spec.id),
      dim_(spec.dim),
      random_columns_(spec.dim - spec.zero_columns) {
  ROOKERY_CHECK(spec.zero_columns <= spec.dim);
  if (kind_ != InitializerKind::kXavier) return;
  kind_ = InitializerKind::kUniform;
  scale_ = static_cast<float>(std::sqrt(6.0 / (1.0 + static_cast<double>(random_columns_))));
}

void Initializer::Fill(std::span<const Key> keys, std::span<float* const> rows) const {
  ROOKERY_CHECK(keys.size() == rows.size());
  const std::size_t zeros_from = kind_ == InitializerKind::kZeros ? 0 : random_columns_;
  if (zeros_from < dim_) {
    for (float* const row : rows) std::fill(row + zeros_from, row + dim_, 0.0F);
  }
  if (kind_ == InitializerKind::kNormal) Normal(keys, rows);
  if (kind_ == InitializerKind::kUniform) Uniform(keys, rows);
}

Random Initializer::NumbersOf(Key key) const {
  return {seed_, Purpose::kInitializeRow, Raw(table_), key};
}

void Initializer::Normal(std::span<const Key> keys, std::span<float* const> rows) const {
  constexpr std::size_t kAtOnce = 64;
  std::array<std::uint64_t, kAtOnce> streams;
  for (std::size_t i = 0; i < keys.size(); i += kAtOnce) {
    const std::size_t count = std::min(kAtOnce, keys.size() - i);
    for (std::size_t j = 0; j < count; ++j) streams[j] = NumbersOf(keys[i + j]).stream();
    FillNormal({streams.data(), count}, rows.subspan(i, count), random_columns_, scale_);
  }
}

void Initializer::Uniform(std::span<const Key> keys, std::span<float* const> rows) const {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Random random = NumbersOf(keys[i]);
    for (std::size_t j = 0; j < random_columns_; ++j) {
      rows[i][j] = scale_ * (2 * Random::ToFloat(random.At(j)) - 1);
    }
  }
}

}  // namespace rookery
