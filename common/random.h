// Random: counter-based streams named by (seed, purpose, a, b): the same name gives the same
// numbers on every machine, in every process, whoever asks first.
//
// The i-th number of a stream is Mix(stream, i), so At(i) needs no state and resumes anywhere.
// Uniform numbers have 24 (float) or 53 (double) random bits; Normal is Box-Muller in double.
// Values, not shared between threads.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>
#include <utility>

#include "common/hash.h"

namespace rookery {

// What a stream is for; part of its name. Numbers never change (they decide results).
enum class Purpose : std::uint64_t {
  kInitializeRow = 1,
  kInitializeDense = 2,
  kShuffle = 3,
  kDropout = 4,
  kTeacher = 5,
  kSynth = 6,
  kTest = 7,
  kFileOrder = 8,
  kRowNoise = 9,
  kDenseNoise = 10,
};

class Random {
 public:
  Random(std::uint64_t seed, Purpose purpose, std::uint64_t a = 0, std::uint64_t b = 0)
      : stream_(Combine(Combine(Combine(seed, static_cast<std::uint64_t>(purpose)), a), b)) {}

  // For those who make many numbers at once.
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15U;
  [[nodiscard]] std::uint64_t stream() const { return stream_; }
  [[nodiscard]] std::uint64_t At(std::uint64_t i) const {
    return MixKey(stream_ + (i + 1) * kStep);
  }
  std::uint64_t Next() { return At(counter_++); }
  // [0, 1)
  float NextFloat() { return ToFloat(Next()); }
  double NextDouble() { return static_cast<double>(Next() >> 11U) * 0x1.0p-53; }
  // [0, bound); bound > 0. Lemire's multiply-shift; the bias is below bound / 2^64.
  std::uint64_t NextBelow(std::uint64_t bound) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(Next()) * bound) >> 64U);
  }
  // Mean 0, variance 1; takes two numbers of the stream.
  double NextNormal() {
    const double radius = std::sqrt(-2.0 * std::log(1.0 - NextDouble()));
    return radius * std::cos(2.0 * std::numbers::pi * NextDouble());
  }
  [[nodiscard]] static float ToFloat(std::uint64_t bits) {
    return static_cast<float>(bits >> 40U) * 0x1.0p-24F;
  }

 private:
  [[nodiscard]] static std::uint64_t Combine(std::uint64_t a, std::uint64_t b) {
    return MixKey(a * kStep + b + 0x632be59bd9b4e019U);
  }

  std::uint64_t stream_;
  std::uint64_t counter_ = 0;
};

// Fisher-Yates.
template <class T>
void Shuffle(std::span<T> values, Random& random) {
  for (std::size_t i = values.size(); i > 1; --i) {
    std::swap(values[i - 1], values[random.NextBelow(i)]);
  }
}

}  // namespace rookery
