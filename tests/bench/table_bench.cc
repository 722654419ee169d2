// A table of 16M rows (dim 16 with Adagrad state: 128 bytes a row) beside an array of the same rows
// in huge pages: pull and push of 8192 random keys, sorted by MixKey as the system sends them; then
// making of new rows beside a memset of fresh memory, and memory beside the payload.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

#include "common/check.h"
#include "common/hash.h"
#include "common/random.h"
#include "ps/table.h"
#include "tests/bench/bench_table.h"

namespace rookery {
namespace {

constexpr std::uint64_t kRows = std::uint64_t{16} << 20U;
constexpr std::uint64_t kNewRows = std::uint64_t{2} << 20U;
constexpr std::size_t kBatch = kBenchBatch;
constexpr std::size_t kBatches = 256;  // whose rows and index entries exceed the caches
constexpr std::size_t kAhead = 16;     // rows
constexpr std::size_t kDim = kBenchDim;
constexpr std::size_t kRowFloats = 2 * kDim;
constexpr std::size_t kRowBytes = kRowFloats * sizeof(float);
constexpr std::size_t kNewBytes = kNewRows * kRowBytes;
constexpr std::uint32_t kBuckets = kBenchBuckets;

std::uint64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// Made once: the table, the array, and what is asked of both.
struct Loaded {
  Table table{BenchTableSpec(), kBuckets, 0, kBuckets};
  std::uint64_t table_bytes = 0;  // resident
  HugeMapping memory{kRows * kRowBytes};
  float* array = reinterpret_cast<float*>(memory.begin());
  std::vector<Key> keys;            // [kBatches, kBatch]
  std::vector<std::uint32_t> rows;  // of the array, for the same keys
  std::vector<float> values = std::vector<float>(kBatch * kDim, 0.01F);
  std::size_t next = 0;

  Loaded() {
    MakeRows();
    std::fill_n(array, kRows * kRowFloats, 0.5F);
    const Random random(2, Purpose::kTest);
    std::vector<std::uint32_t> drawn(kBatches * kBatch);
    for (std::size_t i = 0; i < drawn.size(); ++i) {
      drawn[i] = static_cast<std::uint32_t>(random.At(i) % kRows);
    }
    for (std::size_t i = 0; i < drawn.size(); i += kBatch) AddBatch({drawn.data() + i, kBatch});
  }
  void MakeRows() {
    const std::uint64_t before = ResidentBytes();
    constexpr std::uint64_t kPart = kRows / 16;
    for (std::uint64_t row = 0; row < kRows; row += kPart) {
      const std::vector<Key> part = BenchKeys(row, kPart);
      for (std::uint64_t i = 0; i < kPart; i += kBatch) {
        ROOKERY_CHECK(table.Pull({part.data() + i, kBatch}, true, 0, values).ok());
      }
    }
    table_bytes = ResidentBytes() - before;
  }
  void AddBatch(std::span<std::uint32_t> drawn) {
    std::sort(drawn.begin(), drawn.end());
    const auto end = std::unique(drawn.begin(), drawn.end());
    // A key twice is replaced by its neighbour: batches stay equally long.
    std::uint32_t more = 0;
    for (auto row = end; row != drawn.end(); ++row) {
      while (std::binary_search(drawn.begin(), end, more)) ++more;
      *row = more++;
    }
    std::sort(drawn.begin(), drawn.end(), [](std::uint32_t a, std::uint32_t b) {
      return MixKey(BenchKey(a)) < MixKey(BenchKey(b));
    });
    for (const std::uint32_t row : drawn) {
      keys.push_back(BenchKey(row));
      rows.push_back(row);
    }
  }
  std::size_t NextBatch() {
    next = (next + 1) % kBatches;
    return next * kBatch;
  }
};

Loaded& World() {
  static const auto world = std::make_unique<Loaded>();
  return *world;
}

void TablePull(benchmark::State& state) {
  Loaded& world = World();
  for (auto _ : state) {
    const std::span<const Key> keys(world.keys.data() + world.NextBatch(), kBatch);
    ROOKERY_CHECK(world.table.Pull(keys, true, 0, world.values).ok());
  }
  ROOKERY_CHECK(world.table.rows() == kRows);
  state.SetItemsProcessed(static_cast<std::int64_t>(kBatch) * state.iterations());
}
BENCHMARK(TablePull)->Name("table_pull/ours");

void FlatGather(benchmark::State& state) {
  Loaded& world = World();
  for (auto _ : state) {
    const std::uint32_t* const rows = world.rows.data() + world.NextBatch();
    const float* const from = world.array;
    float* out = world.values.data();
    for (std::size_t i = 0; i < kBatch; ++i, out += kDim) {
      std::memcpy(out, from + rows[i] * kRowFloats, kDim * sizeof(float));
    }
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(kBatch) * state.iterations());
}
BENCHMARK(FlatGather)->Name("table_pull/limit");

void TablePush(benchmark::State& state) {
  Loaded& world = World();
  RefusedGradients refused;
  std::fill(world.values.begin(), world.values.end(), 0.01F);
  for (auto _ : state) {
    const std::span<const Key> keys(world.keys.data() + world.NextBatch(), kBatch);
    ROOKERY_CHECK(world.table.Push(keys, world.values, 1, &refused).ok());
  }
  ROOKERY_CHECK(world.table.rows() == kRows && refused.count == 0);
  state.SetItemsProcessed(static_cast<std::int64_t>(kBatch) * state.iterations());
}
BENCHMARK(TablePush)->Name("table_push_adagrad/ours");

// The same with rows asked for in advance, for comparison.
void FlatGatherAhead(benchmark::State& state) {
  Loaded& world = World();
  for (auto _ : state) {
    const std::uint32_t* const rows = world.rows.data() + world.NextBatch();
    const float* const from = world.array;
    float* out = world.values.data();
    for (std::size_t i = 0; i < kBatch; ++i, out += kDim) {
      __builtin_prefetch(from + rows[std::min(i + kAhead, kBatch - 1)] * kRowFloats);
      std::memcpy(out, from + rows[i] * kRowFloats, kDim * sizeof(float));
    }
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(kBatch) * state.iterations());
}
BENCHMARK(FlatGatherAhead)->Name("table_pull_flat_prefetched");

// Reads and writes all of the row, without the rule's arithmetic. Without the prefetches this takes
// more than twice as long.
void FlatModify(benchmark::State& state) {
  Loaded& world = World();
  for (auto _ : state) {
    const std::uint32_t* const rows = world.rows.data() + world.NextBatch();
    const float* gradient = world.values.data();
    for (std::size_t i = 0; i < kBatch; ++i, gradient += kDim) {
      const float* const ahead = world.array + rows[std::min(i + kAhead, kBatch - 1)] * kRowFloats;
      __builtin_prefetch(ahead, 1);
      __builtin_prefetch(ahead + kDim, 1);
      float* const __restrict row = world.array + rows[i] * kRowFloats;
      for (std::size_t j = 0; j < kDim; ++j) {
        row[j] -= gradient[j];
        row[kDim + j] += gradient[j];
      }
    }
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(kBatch) * state.iterations());
}
BENCHMARK(FlatModify)->Name("table_push_adagrad/limit");

// How long the parts of a measurement took.
class Parts {
 public:
  void Begin() { begin_ = std::chrono::steady_clock::now(); }
  void End() {
    const auto end = std::chrono::steady_clock::now();
    seconds_.push_back(std::chrono::duration<double>(end - begin_).count());
  }
  void Show(benchmark::State& state) {
    std::ranges::sort(seconds_);
    state.counters["worst_ms"] = 1e3 * seconds_.back();
    state.counters["worst_by_median"] = seconds_.back() / seconds_[seconds_.size() / 2];
  }

 private:
  std::chrono::steady_clock::time_point begin_;
  std::vector<double> seconds_;
};

// From an empty table to kNewRows rows.
void TableInsert(benchmark::State& state) {
  static const std::vector<Key> keys = BenchKeys(kRows, kNewRows);
  std::vector<float> out(kBatch * kDim);
  Parts batches;
  for (auto _ : state) {
    state.PauseTiming();
    WarmMemory(2 * kNewBytes);
    state.ResumeTiming();
    Table table(BenchTableSpec(), kBuckets, 0, kBuckets);
    for (std::uint64_t i = 0; i < kNewRows; i += kBatch) {
      batches.Begin();
      ROOKERY_CHECK(table.Pull({keys.data() + i, kBatch}, true, 0, out).ok());
      batches.End();
    }
    state.PauseTiming();  // the end of a table is not measured
    ROOKERY_CHECK(table.rows() == kNewRows);
    table.Clear();
    state.ResumeTiming();
  }
  batches.Show(state);
  state.SetItemsProcessed(static_cast<std::int64_t>(kNewRows) * state.iterations());
}
BENCHMARK(TableInsert)->Name("table_insert/ours")->Unit(benchmark::kMillisecond);

// As many bytes of fresh memory, `piece` bytes at a time. In pieces of a batch's rows it is faster,
// and its worst piece shows the machine's own stalls.
void FreshMemset(benchmark::State& state, std::size_t piece) {
  Parts parts;
  for (auto _ : state) {
    state.PauseTiming();
    WarmMemory(2 * kNewBytes);
    state.ResumeTiming();
    HugeMapping memory(kNewBytes);
    for (std::size_t i = 0; i < kNewBytes; i += piece) {
      parts.Begin();
      std::memset(memory.begin() + i, 1, piece);
      parts.End();
    }
    state.PauseTiming();
    memory = HugeMapping(kRowBytes);
    state.ResumeTiming();
  }
  parts.Show(state);
  state.SetItemsProcessed(static_cast<std::int64_t>(kNewRows) * state.iterations());
}
BENCHMARK_CAPTURE(FreshMemset, whole, kNewBytes)
    ->Name("table_insert/limit")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(FreshMemset, pieces, kBatch* kRowBytes)
    ->Name("table_insert_memset_in_pieces")
    ->Unit(benchmark::kMillisecond);

// ratio: what is resident beyond 12 bytes a row, by the payload.
void TableMemory(benchmark::State& state) {
  const Loaded& world = World();
  for (auto _ : state) benchmark::DoNotOptimize(world.table.bytes());
  const auto bytes = static_cast<double>(world.table_bytes);
  state.counters["bytes_per_row"] = bytes / kRows;
  state.counters["ratio"] = (bytes / kRows - 12) / kRowBytes;
}
BENCHMARK(TableMemory)->Name("table_memory/ours")->Iterations(1);

// ratio: by a megabyte.
void EmptyTableMemory(benchmark::State& state) {
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    const Table table(BenchTableSpec(), kBuckets, 0, kBuckets);
    bytes = table.bytes();
  }
  state.counters["ratio"] = static_cast<double>(bytes) / (1U << 20U);
}
BENCHMARK(EmptyTableMemory)->Name("table_memory_empty/ours")->Iterations(1);

}  // namespace
}  // namespace rookery

BENCHMARK_MAIN();
