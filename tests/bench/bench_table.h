// What the benchmarks of tables share: a table's spec, keys as the system sends them, warm memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "common/check.h"
#include "common/hash.h"
#include "common/random.h"
#include "protocol/table_spec.h"
#include "ps/huge_pages.h"

namespace rookery {

inline constexpr std::size_t kBenchDim = 16;
inline constexpr std::uint32_t kBenchBuckets = 1024;
inline constexpr std::size_t kBenchBatch = 8192;

// Dim 16 with Adagrad state: 128 bytes a row.
inline TableSpec BenchTableSpec() {
  TableSpec spec;
  spec.id = TableId{1};
  spec.name = "bench";
  spec.dim = kBenchDim;
  spec.updater.kind = UpdaterKind::kAdagrad;
  return spec;
}

inline Key BenchKey(std::uint64_t row) {
  return Random(1, Purpose::kTest).At(row);
}

// Keys of rows [first, first + count), in batches of kBenchBatch, each sorted.
inline std::vector<Key> BenchKeys(std::uint64_t first, std::uint64_t count) {
  std::vector<Key> keys(count);
  for (std::uint64_t i = 0; i < count; ++i) keys[i] = BenchKey(first + i);
  for (std::uint64_t i = 0; i < count; i += kBenchBatch) {
    const std::uint64_t end = std::min(i + kBenchBatch, count);
    std::ranges::sort(keys.begin() + static_cast<std::ptrdiff_t>(i),
                      keys.begin() + static_cast<std::ptrdiff_t>(end), {}, MixKey);
  }
  return keys;
}

// Memory that the system gives for the first time, or again after a while, is slow where a virtual
// machine's host has to find it: after this, so many bytes of it were in use just before.
inline void WarmMemory(std::size_t bytes) {
  const HugeMapping memory(bytes);
  ROOKERY_CHECK(memory.begin() != nullptr);
  std::memset(memory.begin(), 1, bytes);
}

}  // namespace rookery
