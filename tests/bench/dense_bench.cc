// The dense Adam step of a tower's 560,000 parameters beside a copy of the bytes that it reads and
// writes (four arrays read, three written).
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "common/check.h"
#include "ps/dense_table.h"

namespace rookery {
namespace {

constexpr std::uint32_t kFloats = 560'000;

void DenseAdam(benchmark::State& state) {
  DenseSpec spec;
  spec.blocks.resize(1);
  spec.blocks[0].name = "tower.weight";
  spec.blocks[0].rows = kFloats;
  spec.updater.kind = UpdaterKind::kAdam;
  DenseTable table(spec, std::vector<float>(kFloats, 0.1F), 0, kFloats);
  std::vector<float> gradients(kFloats, 0.01F);
  std::uint64_t t = 0;
  for (auto _ : state) ROOKERY_CHECK(table.Apply(gradients, ++t).ok());
  state.SetItemsProcessed(state.iterations() * kFloats);
}
BENCHMARK(DenseAdam)->Name("dense_adam/ours")->Unit(benchmark::kMicrosecond);

void CopyOfItsBytes(benchmark::State& state) {
  std::vector<float> from(kFloats * 7 / 2, 1.0F);
  std::vector<float> to(from.size());
  for (auto _ : state) {
    std::memcpy(to.data(), from.data(), from.size() * sizeof(float));
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kFloats);
}
BENCHMARK(CopyOfItsBytes)->Name("dense_adam/limit")->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace rookery

BENCHMARK_MAIN();
