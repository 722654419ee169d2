#include "ps/initializer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

#include "common/check.h"
#include "common/random.h"

namespace rookery {
namespace {

// ln x for normal x > 0, to 2e-9: x = m 2^e with m near 1, ln m = 2 artanh((m - 1) / (m + 1)).
double Log(double x) {
  const auto bits = std::bit_cast<std::uint64_t>(x);
  constexpr std::uint64_t kSqrtHalf = 0x3fe6a09e667f3bcdU;
  constexpr std::uint64_t kFraction = (std::uint64_t{1} << 52U) - 1;
  const std::uint64_t shifted = bits - kSqrtHalf;
  const double exponent = static_cast<double>(static_cast<std::int64_t>(shifted) >> 52);
  const double m = std::bit_cast<double>((shifted & kFraction) + kSqrtHalf);
  const double s = (m - 1) / (m + 1);
  const double q = s * s;
  const double series = 1 + q * (1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7 + q * (1.0 / 9))));
  return exponent * std::numbers::ln2 + 2 * s * series;
}

struct Point {
  double cosine;
  double sine;
};

// The point at `turn` in [0, 1) of the unit circle, to 2e-9.
Point OnCircle(double turn) {
  const auto quarter = static_cast<unsigned>(turn * 4 + 0.5);
  const double a = (turn - quarter * 0.25) * 2 * std::numbers::pi;  // within pi / 4
  const double q = a * a;
  const double s = a * (1 - q / 6 * (1 - q / 20 * (1 - q / 42 * (1 - q / 72 * (1 - q / 110)))));
  const double c = 1 - q / 2 * (1 - q / 12 * (1 - q / 30 * (1 - q / 56 * (1 - q / 90))));
  switch (quarter & 3U) {
    case 0:
      return {c, s};
    case 1:
      return {-s, c};
    case 2:
      return {-c, -s};
    default:
      return {s, -c};
  }
}

// Box-Muller: the 64 bits of one number give two normal ones.
void FillNormal(const Random& random, float scale, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); i += 2) {
    const std::uint64_t bits = random.At(i / 2);
    const double u = (static_cast<double>(bits >> 32U) + 1) * 0x1.0p-32;  // (0, 1]
    const double radius = scale * std::sqrt(-2 * Log(u));
    const Point point = OnCircle(static_cast<double>(bits & 0xffffffffU) * 0x1.0p-32);
    out[i] = static_cast<float>(radius * point.cosine);
    if (i + 1 < out.size()) out[i + 1] = static_cast<float>(radius * point.sine);
  }
}

void FillUniform(const Random& random, float scale, std::span<float> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = scale * (2 * Random::ToFloat(random.At(i)) - 1);
  }
}

}  // namespace

Initializer::Initializer(const TableSpec& spec)
    : kind_(spec.initializer.kind),
      scale_(spec.initializer.scale),
      seed_(spec.seed),
      table_(spec.id),
      random_columns_(spec.dim - spec.zero_columns) {
  ROOKERY_CHECK(spec.zero_columns <= spec.dim);
  if (kind_ != InitializerKind::kXavier) return;
  kind_ = InitializerKind::kUniform;
  scale_ = static_cast<float>(std::sqrt(6.0 / (1.0 + static_cast<double>(random_columns_))));
}

void Initializer::Fill(Key key, std::span<float> weights) const {
  const Random random(seed_, Purpose::kInitializeRow, Raw(table_), key);
  const std::span<float> columns = weights.first(random_columns_);
  std::fill(weights.begin(), weights.end(), 0.0F);
  if (kind_ == InitializerKind::kNormal) FillNormal(random, scale_, columns);
  if (kind_ == InitializerKind::kUniform) FillUniform(random, scale_, columns);
}

}  // namespace rookery
