#include "ps/normal_fill.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>

#include "common/random.h"

// This file is compiled once for each kind of CPU; the first call finds out which one serves.
#define HWY_DISABLE_PCLMUL_AES  // lets AVX2 be the first kind
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ps/normal_fill.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace rookery {
namespace HWY_NAMESPACE {
namespace {

constexpr std::size_t kLanes = HWY_TARGET <= HWY_AVX3 ? 8 : 4;
using Doubles = double __attribute__((vector_size(kLanes * sizeof(double))));
using Words = std::uint64_t __attribute__((vector_size(kLanes * sizeof(std::uint64_t))));
using Floats = float __attribute__((vector_size(kLanes * sizeof(float))));

HWY_INLINE Words Bits(Doubles x) {
  return reinterpret_cast<Words>(x);
}
HWY_INLINE Doubles FromBits(Words x) {
  return reinterpret_cast<Doubles>(x);
}

// For integers below 2^52.
HWY_INLINE Doubles ToDoubles(Words integers) {
  constexpr std::uint64_t kTwoTo52 = 0x4330000000000000U;  // the bits of 2^52
  return FromBits(kTwoTo52 | integers) - 0x1.0p52;
}

HWY_INLINE Doubles Root(Doubles x) {
  for (std::size_t i = 0; i < kLanes; ++i) x[i] = std::sqrt(x[i]);
  return x;
}

// a b + c, rounded once.
HWY_INLINE Doubles MultiplyAdd(Doubles a, Doubles b, Doubles c) {
  for (std::size_t i = 0; i < kLanes; ++i) c[i] = std::fma(a[i], b[i], c[i]);
  return c;
}

// x / divisor, rounded like a division: the inverse in two parts; for all arguments and divisors of
// OnCircle it was compared with the division.
template <int kDivisor>
HWY_INLINE Doubles DivideBy(Doubles x) {
  constexpr double kInverse = 1.0 / kDivisor;
  const double kBeyond = __builtin_fma(-kInverse, kDivisor, 1.0) / kDivisor;  // folded
  constexpr Doubles kZeros{};
  return MultiplyAdd(x, kZeros + kInverse, x * kBeyond);
}

// ln x for x in [2^-32, 1], to 2e-9: x = m 2^e with m near 1, ln m = 2 artanh((m - 1) / (m + 1)).
HWY_INLINE Doubles Log(Doubles x) {
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
HWY_INLINE Points OnCircle(Words turn) {
  constexpr std::uint64_t kEighth = std::uint64_t{1} << 29U;
  const Words quarter = (turn + kEighth) >> 30U;
  // Within pi / 4.
  const Doubles beyond = ToDoubles(turn + kEighth - (quarter << 30U)) - double{kEighth};
  const Doubles a = beyond * 0x1.0p-31 * std::numbers::pi;
  const Doubles q = a * a;
  const Doubles sixth = DivideBy<6>(q);
  Doubles s = 1 - DivideBy<110>(q);
  s = 1 - DivideBy<72>(q) * s;
  s = 1 - DivideBy<42>(q) * s;
  s = 1 - DivideBy<20>(q) * s;
  s = a * (1 - sixth * s);
  Doubles c = 1 - DivideBy<90>(q);
  c = 1 - DivideBy<56>(q) * c;
  c = 1 - DivideBy<30>(q) * c;
  c = 1 - sixth / 2 * c;
  c = 1 - q / 2 * c;
  const Words odd = -(quarter & 1U);  // all bits or none
  const Words cosine = (Bits(c) & ~odd) | (Bits(s) & odd);
  const Words sine = (Bits(s) & ~odd) | (Bits(c) & odd);
  return {FromBits(cosine ^ (((quarter + 1) & 2U) << 62U)),
          FromBits(sine ^ ((quarter & 2U) << 62U))};
}

// Floats [begin, begin + size) of a row.
struct Block {
  Words bits;  // of the numbers that they are made from
  float* begin;
  std::size_t size;  // at most kBlockFloats
};
constexpr std::size_t kBlockFloats = 2 * kLanes;
// So many blocks take each step together: they do not depend on each other, so that the CPU works
// on some while others wait for a division.
constexpr std::size_t kTileBlocks = 32;

HWY_INLINE Words Mix(Words x) {  // MixKey of every lane
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

// Numbers [first, first + kLanes) of a stream.
HWY_INLINE Words NumbersOf(std::uint64_t stream, std::uint64_t first) {
  Words i{};
  for (std::size_t lane = 0; lane < kLanes; ++lane) i[lane] = lane + 1;
  return Mix(stream + (first + i) * Random::kStep);
}

// x0 y0 x1 y1 ...
HWY_INLINE void Store(Doubles x, Doubles y, const Block& block) {
  const Floats a = __builtin_convertvector(x, Floats);
  const Floats b = __builtin_convertvector(y, Floats);
  float pairs[kBlockFloats];
  for (std::size_t i = 0; i < kLanes; ++i) {
    pairs[2 * i] = a[i];
    pairs[2 * i + 1] = b[i];
  }
  if (block.size == kBlockFloats) {
    std::memcpy(block.begin, pairs, sizeof(pairs));
  } else {
    std::memcpy(block.begin, pairs, block.size * sizeof(float));
  }
}

void MakeBlocks(const Block* blocks, std::size_t count, double scale) {
  Doubles radius[kTileBlocks];
  for (std::size_t i = 0; i < count; ++i) {
    const Doubles u = (ToDoubles(blocks[i].bits >> 32U) + 1) * 0x1.0p-32;  // (0, 1]
    radius[i] = scale * Root(-2 * Log(u));
  }
  for (std::size_t i = 0; i < count; ++i) {
    const Points point = OnCircle(blocks[i].bits & 0xffffffffU);
    Store(radius[i] * point.cosine, radius[i] * point.sine, blocks[i]);
  }
}

void FillRows(const std::uint64_t* streams, float* const* rows, std::size_t count,
              std::size_t columns, float scale) {
  Block blocks[kTileBlocks];
  std::size_t filled = 0;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t at = 0; at < columns; at += kBlockFloats) {
      blocks[filled++] = {NumbersOf(streams[i], at / 2), rows[i] + at,
                          std::min(kBlockFloats, columns - at)};
      if (filled < kTileBlocks) continue;
      MakeBlocks(blocks, kTileBlocks, scale);
      filled = 0;
    }
  }
  MakeBlocks(blocks, filled, scale);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace rookery
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rookery {

HWY_EXPORT(FillRows);

void FillNormal(std::span<const std::uint64_t> streams, std::span<float* const> rows,
                std::size_t columns, float scale) {
  HWY_DYNAMIC_DISPATCH(FillRows)(streams.data(), rows.data(), rows.size(), columns, scale);
}

}  // namespace rookery
#endif
