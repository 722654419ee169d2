#include "ps/initializer.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>

#include "common/check.h"
#include "common/random.h"

namespace rookery {
namespace {

// The arithmetic below is on vectors, without branches; each step is exactly rounded, so that it
// gives the same bits on every machine.

constexpr std::size_t kLanes = 4;
using Doubles = double __attribute__((vector_size(kLanes * sizeof(double))));
using Words = std::uint64_t __attribute__((vector_size(kLanes * sizeof(std::uint64_t))));

Words Bits(Doubles x) {
  return reinterpret_cast<Words>(x);
}
Doubles FromBits(Words x) {
  return reinterpret_cast<Doubles>(x);
}

// For integers below 2^52.
Doubles ToDoubles(Words integers) {
  constexpr std::uint64_t kTwoTo52 = 0x4330000000000000U;  // the bits of 2^52
  return FromBits(kTwoTo52 | integers) - 0x1.0p52;
}

Doubles Root(Doubles x) {
  for (std::size_t i = 0; i < kLanes; ++i) x[i] = std::sqrt(x[i]);
  return x;
}

// a b + c, rounded once.
Doubles MultiplyAdd(Doubles a, Doubles b, Doubles c) {
  for (std::size_t i = 0; i < kLanes; ++i) c[i] = std::fma(a[i], b[i], c[i]);
  return c;
}

// x / divisor, rounded like a division, by Markstein's correction; for all arguments and divisors
// of OnCircle it was compared with the division.
template <int kDivisor>
Doubles DivideBy(Doubles x) {
  constexpr double kInverse = 1.0 / kDivisor;
  constexpr Doubles kZeros{};
  const Doubles guess = x * kInverse;
  const Doubles rest = MultiplyAdd(-guess, kZeros + kDivisor, x);
  return MultiplyAdd(rest, kZeros + kInverse, guess);
}

// ln x for x in [2^-32, 1], to 2e-9: x = m 2^e with m near 1, ln m = 2 artanh((m - 1) / (m + 1)).
Doubles Log(Doubles x) {
  constexpr std::uint64_t kSqrtHalf = 0x3fe6a09e667f3bcdU;
  constexpr std::uint64_t kFraction = (std::uint64_t{1} << 52U) - 1;
  constexpr std::uint64_t kBias = 64;  // keeps the exponent from being negative
  const Words shifted = Bits(x) - kSqrtHalf + (kBias << 52U);
  const Doubles exponent = ToDoubles(shifted >> 52U) - double{kBias};
  const Doubles m = FromBits((shifted & kFraction) + kSqrtHalf);
  const Doubles s = (m - 1) / (m + 1);
  const Doubles q = s * s;
  const Doubles series = 1 + q * (1.0 / 3 + q * (1.0 / 5 + q * (1.0 / 7 + q * (1.0 / 9))));
  return exponent * std::numbers::ln2 + 2 * s * series;
}

struct Points {
  Doubles cosine;
  Doubles sine;
};

// The points at `turn` 2^-32 of the unit circle, to 2e-9. REQUIRES: turn < 2^32.
Points OnCircle(Words turn) {
  constexpr std::uint64_t kEighth = std::uint64_t{1} << 29U;
  const Words quarter = (turn + kEighth) >> 30U;
  // Within pi / 4.
  const Doubles beyond = ToDoubles(turn + kEighth - (quarter << 30U)) - double{kEighth};
  const Doubles a = beyond * 0x1.0p-31 * std::numbers::pi;
  const Doubles q = a * a;
  const auto step = [](Doubles factor, Doubles inner) { return 1 - factor * inner; };
  const Doubles s =
      a * step(DivideBy<6>(q),
               step(DivideBy<20>(q),
                    step(DivideBy<42>(q), step(DivideBy<72>(q), 1 - DivideBy<110>(q)))));
  const Doubles c = step(
      q / 2,
      step(DivideBy<12>(q), step(DivideBy<30>(q), step(DivideBy<56>(q), 1 - DivideBy<90>(q)))));
  const Words odd = -(quarter & 1U);  // all bits or none
  const Words cosine = (Bits(c) & ~odd) | (Bits(s) & odd);
  const Words sine = (Bits(s) & ~odd) | (Bits(c) & odd);
  return {FromBits(cosine ^ (((quarter + 1) & 2U) << 62U)),
          FromBits(sine ^ ((quarter & 2U) << 62U))};
}

// Box-Muller: the 64 bits of one number give two normal ones.
Points NormalPairs(Words bits, double scale) {
  const Doubles u = (ToDoubles(bits >> 32U) + 1) * 0x1.0p-32;  // (0, 1]
  const Doubles radius = scale * Root(-2 * Log(u));
  const Points point = OnCircle(bits & 0xffffffffU);
  return {radius * point.cosine, radius * point.sine};
}

void FillNormal(const Random& random, float scale, std::span<float> out) {
  using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));
  for (std::size_t begin = 0; begin < out.size(); begin += 2 * kLanes) {
    const std::uint64_t at = begin / 2;
    const Points pairs = NormalPairs(
        Words{random.At(at), random.At(at + 1), random.At(at + 2), random.At(at + 3)}, scale);
    const Floats block[] = {
        __builtin_convertvector(__builtin_shufflevector(pairs.cosine, pairs.sine, 0, 4, 1, 5),
                                Floats),
        __builtin_convertvector(__builtin_shufflevector(pairs.cosine, pairs.sine, 2, 6, 3, 7),
                                Floats)};
    const std::size_t floats = std::min(2 * kLanes, out.size() - begin);
    std::memcpy(out.data() + begin, block, floats * sizeof(float));
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
  const std::size_t zeros_from = kind_ == InitializerKind::kZeros ? 0 : random_columns_;
  std::ranges::fill(weights.subspan(zeros_from), 0.0F);
  if (kind_ == InitializerKind::kNormal) FillNormal(random, scale_, columns);
  if (kind_ == InitializerKind::kUniform) FillUniform(random, scale_, columns);
}

}  // namespace rookery
