// The tower 429-400-400-400-1 on a batch of 4096, forward and backward on one thread, beside the
// bare oneDNN products of the same shapes and type.
#include <benchmark/benchmark.h>

#include <vector>

#include "common/random.h"
#include "models/gemm.h"
#include "models/gemm_bf16.h"
#include "models/layers/fm_interaction.h"
#include "models/layers/tower.h"

namespace rookery {
namespace {

constexpr std::size_t kBatch = 4096;
constexpr std::size_t kPart = 1024;
constexpr std::size_t kInputs = 429;
constexpr std::size_t kEmbedded = 416;  // inputs whose gradient is wanted
constexpr std::size_t kWidth = 400;
constexpr double kFlops = 2.0 * 3 * kBatch * kWidth * (kInputs + 2 * kWidth);

std::vector<float> Draw(std::size_t count) {
  Random random(1, Purpose::kTest);
  std::vector<float> values(count);
  for (float& value : values) value = (random.NextFloat() - 0.5F) * 0.1F;
  return values;
}

void SetRate(benchmark::State& state, double flops) {
  state.counters["GFLOP/s"] =
      benchmark::Counter(flops * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
}

void Train(benchmark::State& state, Dtype dtype) {
  DenseLayout layout;
  const Tower tower("t", kInputs, {.hidden = {kWidth, kWidth, kWidth}, .dtype = dtype}, layout);
  const std::vector<float> dense = Draw(layout.size()), x = Draw(kBatch * kInputs),
                           d_output = Draw(kBatch);
  std::vector<float> output(kBatch), dx(kBatch * kEmbedded), gradient(layout.size());
  Tower::Scratch scratch;
  for (auto _ : state) {
    for (std::size_t b = 0; b < kBatch; b += kPart) {
      tower.Forward(kPart, dense.data(), x.data() + b * kInputs, {}, scratch, output.data() + b);
      tower.Backward(kPart, dense.data(), x.data() + b * kInputs, d_output.data() + b, scratch,
                     gradient.data(), kEmbedded, dx.data() + b * kEmbedded);
    }
    benchmark::ClobberMemory();
  }
  SetRate(state, kFlops);
}

void ProductsFp32(benchmark::State& state) {
  const std::vector<float> x = Draw(kPart * kInputs), w = Draw(kInputs * kWidth);
  std::vector<float> y(kPart * kWidth), dx(kPart * kInputs), dw(kInputs * kWidth);
  for (auto _ : state) {
    for (std::size_t b = 0; b < kBatch; b += kPart) {
      for (const std::size_t in : {kInputs, kWidth, kWidth}) {
        Gemm(false, false, kPart, kWidth, in, 1, x.data(), in, w.data(), kWidth, 0, y.data(),
             kWidth);
        Gemm(false, true, kPart, in, kWidth, 1, y.data(), kWidth, w.data(), kWidth, 0, dx.data(),
             in);
        Gemm(true, false, in, kWidth, kPart, 1, x.data(), in, y.data(), kWidth, 0, dw.data(),
             kWidth);
      }
    }
    benchmark::ClobberMemory();
  }
  SetRate(state, kFlops);
}

void ProductsBf16(benchmark::State& state) {
  const auto draw = [](std::size_t count) {
    std::vector<Bf16> values(count);
    ToBf16(Draw(count).data(), count, values.data());
    return values;
  };
  const std::vector<Bf16> x = draw(kPart * kInputs), w = draw(kInputs * kWidth);
  std::vector<Bf16> y(kPart * kWidth), dx(kPart * kInputs);
  std::vector<float> dw(kInputs * kWidth);
  for (auto _ : state) {
    for (std::size_t b = 0; b < kBatch; b += kPart) {
      for (const std::size_t in : {kInputs, kWidth, kWidth}) {
        GemmBf16({.m = kPart, .n = kWidth, .k = in}, x.data(), w.data(), y.data());
        GemmBf16({.transpose_b = true, .m = kPart, .n = in, .k = kWidth}, y.data(), w.data(),
                 dx.data());
        GemmBf16({.transpose_a = true, .m = in, .n = kWidth, .k = kPart}, x.data(), y.data(),
                 dw.data());
      }
    }
    benchmark::ClobberMemory();
  }
  SetRate(state, kFlops);
}

BENCHMARK_CAPTURE(Train, ours, Dtype::kFp32)
    ->Name("tower_fp32/ours")
    ->Unit(benchmark::kMillisecond);
BENCHMARK(ProductsFp32)->Name("tower_fp32/limit")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(Train, ours, Dtype::kBf16)
    ->Name("tower_bf16/ours")
    ->Unit(benchmark::kMillisecond);
BENCHMARK(ProductsBf16)->Name("tower_bf16/limit")->Unit(benchmark::kMillisecond);

// Second-order term of 26 fields of dim 16, with its gradient.
void Interaction(benchmark::State& state) {
  constexpr std::size_t kFields = 26, kStride = 17, kDim = 16;
  const FmShape shape{kFields, kStride, kDim};
  const std::vector<float> e = Draw(kPart * kFields * kStride);
  const std::vector<float> base = Draw(kPart * kFields * kDim);
  std::vector<float> sums(kPart * kDim), de(e.size());
  for (auto _ : state) {
    float total = 0;
    for (std::size_t b = 0; b < kPart; ++b) {
      total += FmForward(shape, e.data() + b * kFields * kStride, sums.data() + b * kDim);
    }
    for (std::size_t b = 0; b < kPart; ++b) {
      FmBackward(shape, e.data() + b * kFields * kStride, sums.data() + b * kDim, 0.1F,
                 base.data() + b * kFields * kDim, de.data() + b * kFields * kStride);
    }
    benchmark::DoNotOptimize(total);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(Interaction)->Name("fm_interaction_1024")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace rookery
