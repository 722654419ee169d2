// A table of 16M rows (dim 16 with Adagrad state: 128 bytes a row) beside an array of the same rows
// in huge pages: pull and push of 8192 random keys, sorted by MixKey as the system sends them; then
// making of new rows beside a memset of fresh memory, and memory beside the payload.
#include <benchmark/benchmark.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <memory>
#include <vector>

#include "common/check.h"
#include "common/hash.h"
#include "common/random.h"
#include "ps/table.h"

namespace rookery {
namespace {

constexpr std::uint64_t kRows = std::uint64_t{16} << 20U;
constexpr std::uint64_t kNewRows = std::uint64_t{2} << 20U;
constexpr std::size_t kBatch = 8192;
constexpr std::size_t kBatches = 256;  // whose rows and index entries exceed the caches
constexpr std::size_t kAhead = 16;     // rows
constexpr std::size_t kDim = 16;
constexpr std::size_t kRowFloats = 2 * kDim;
constexpr std::size_t kRowBytes = kRowFloats * sizeof(float);
constexpr std::uint32_t kBuckets = 1024;

TableSpec Spec() {
  TableSpec spec;
  spec.id = TableId{1};
  spec.name = "bench";
  spec.dim = kDim;
  spec.updater.kind = UpdaterKind::kAdagrad;
  return spec;
}

Key KeyOf(std::uint64_t row) {
  return Random(1, Purpose::kTest).At(row);
}

std::uint64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// Fresh memory in huge pages, not touched yet.
class HugeArray {
 public:
  explicit HugeArray(std::size_t bytes) : bytes_(bytes + kHuge) {
    begin_ = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ROOKERY_CHECK(begin_ != MAP_FAILED);
    const auto address = reinterpret_cast<std::uintptr_t>(begin_);
    floats_ = reinterpret_cast<float*>((address + kHuge - 1) / kHuge * kHuge);
    madvise(floats_, bytes, MADV_HUGEPAGE);
  }
  ~HugeArray() { munmap(begin_, bytes_); }
  [[nodiscard]] float* floats() const { return floats_; }

 private:
  static constexpr std::size_t kHuge = std::size_t{2} << 20U;
  std::size_t bytes_;
  void* begin_;
  float* floats_;
};

// Keys of rows [first, first + count), in batches of kBatch, each sorted.
std::vector<Key> NewKeys(std::uint64_t first, std::uint64_t count) {
  std::vector<Key> keys(count);
  for (std::uint64_t i = 0; i < count; ++i) keys[i] = KeyOf(first + i);
  for (std::uint64_t i = 0; i < count; i += kBatch) {
    std::sort(keys.begin() + static_cast<std::ptrdiff_t>(i),
              keys.begin() + static_cast<std::ptrdiff_t>(i + kBatch),
              [](Key a, Key b) { return MixKey(a) < MixKey(b); });
  }
  return keys;
}

// Made once: the table, the array, and what is asked of both.
struct Loaded {
  Table table{Spec(), kBuckets, 0, kBuckets};
  std::uint64_t table_bytes = 0;  // resident
  HugeArray array{kRows * kRowBytes};
  std::vector<Key> keys;            // [kBatches, kBatch]
  std::vector<std::uint32_t> rows;  // of the array, for the same keys
  std::vector<float> values = std::vector<float>(kBatch * kDim, 0.01F);
  std::size_t next = 0;

  Loaded() {
    MakeRows();
    std::fill_n(array.floats(), kRows * kRowFloats, 0.5F);
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
      const std::vector<Key> part = NewKeys(row, kPart);
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
    std::sort(drawn.begin(), drawn.end(),
              [](std::uint32_t a, std::uint32_t b) { return MixKey(KeyOf(a)) < MixKey(KeyOf(b)); });
    for (const std::uint32_t row : drawn) {
      keys.push_back(KeyOf(row));
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
    const float* const from = world.array.floats();
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
    const float* const from = world.array.floats();
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
      const float* const ahead =
          world.array.floats() + rows[std::min(i + kAhead, kBatch - 1)] * kRowFloats;
      __builtin_prefetch(ahead, 1);
      __builtin_prefetch(ahead + kDim, 1);
      float* const __restrict row = world.array.floats() + rows[i] * kRowFloats;
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

// Memory that the system gives for the first time, or again after a while, is slow where a virtual
// machine's host has to find it: both measurements get pages that were in use just before.
void WarmMemory() {
  const HugeArray array(2 * kNewRows * kRowBytes);
  std::memset(array.floats(), 1, 2 * kNewRows * kRowBytes);
}

// From an empty table to kNewRows rows.
void TableInsert(benchmark::State& state) {
  static const std::vector<Key> keys = NewKeys(kRows, kNewRows);
  std::vector<float> out(kBatch * kDim);
  std::vector<double> seconds;
  for (auto _ : state) {
    state.PauseTiming();
    WarmMemory();
    state.ResumeTiming();
    Table table(Spec(), kBuckets, 0, kBuckets);
    for (std::uint64_t i = 0; i < kNewRows; i += kBatch) {
      const auto begin = std::chrono::steady_clock::now();
      ROOKERY_CHECK(table.Pull({keys.data() + i, kBatch}, true, 0, out).ok());
      seconds.push_back(
          std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    }
    state.PauseTiming();  // the end of a table is not measured
    ROOKERY_CHECK(table.rows() == kNewRows);
    table.Clear();
    state.ResumeTiming();
  }
  std::sort(seconds.begin(), seconds.end());
  state.counters["worst_by_median"] = seconds.back() / seconds[seconds.size() / 2];
  state.SetItemsProcessed(static_cast<std::int64_t>(kNewRows) * state.iterations());
}
BENCHMARK(TableInsert)->Name("table_insert/ours")->Unit(benchmark::kMillisecond);

void FreshMemset(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    WarmMemory();
    state.ResumeTiming();
    auto array = std::make_unique<HugeArray>(kNewRows * kRowBytes);
    std::memset(array->floats(), 1, kNewRows * kRowBytes);
    state.PauseTiming();
    array.reset();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(kNewRows) * state.iterations());
}
BENCHMARK(FreshMemset)->Name("table_insert/limit")->Unit(benchmark::kMillisecond);

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
    const Table table(Spec(), kBuckets, 0, kBuckets);
    bytes = table.bytes();
  }
  state.counters["ratio"] = static_cast<double>(bytes) / (1U << 20U);
}
BENCHMARK(EmptyTableMemory)->Name("table_memory_empty/ours")->Iterations(1);

}  // namespace
}  // namespace rookery

BENCHMARK_MAIN();
