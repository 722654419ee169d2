#include "ps/table_size.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/random.h"
#include "io/record_file.h"
#include "ps/key_index.h"
#include "ps/page_arena.h"
#include "ps/recent_rows.h"
#include "ps/row_store.h"
#include "ps/updater.h"

namespace rookery {
namespace {

struct Growth {
  double when = 0;  // share of all rows that are there
  std::uint32_t bucket = 0;
  std::uint64_t lines = 0;  // afterwards
};

// Rows fall into buckets at random, so buckets grow at different times.
std::vector<Growth> GrowthsOf(std::uint32_t buckets, std::uint64_t rows) {
  Random random(1, Purpose::kSynth);
  std::vector<Growth> growths;
  const double mean = static_cast<double>(rows) / buckets;
  for (std::uint32_t bucket = 0; bucket < buckets; ++bucket) {
    const double normal = mean + random.NextNormal() * std::sqrt(mean);
    const auto size = static_cast<std::uint64_t>(std::max(0.0, normal));
    for (std::uint64_t lines = 0, entries = 1; entries <= size;) {
      lines = KeyIndex::LinesFor(lines, entries);
      growths.push_back({static_cast<double>(entries) / static_cast<double>(size), bucket, lines});
      entries = KeyIndex::EntriesMax(lines) + 1;
    }
  }
  std::ranges::sort(growths, {}, &Growth::when);
  return growths;
}

// The arena hands out addresses and touches nothing, so it can be asked.
std::uint64_t IndexBytes(std::uint32_t buckets, std::uint64_t rows) {
  struct Block {
    void* begin = nullptr;
    std::uint64_t bytes = 0;
  };
  PageArena arena;
  std::vector<Block> blocks(buckets);
  std::uint64_t sum = 0;  // when there are no addresses
  for (const Growth& growth : GrowthsOf(buckets, rows)) {
    Block& block = blocks[growth.bucket];
    const std::uint64_t bytes = growth.lines * KeyIndex::kLineBytes;
    sum += bytes - block.bytes;
    void* const begin = arena.Allocate(bytes);
    if (block.begin != nullptr) arena.Free(block.begin, block.bytes);
    block = {begin, bytes};
  }
  return std::max(arena.bytes(), sum);
}

}  // namespace

std::uint64_t RowFloatsOf(const TableSpec& spec) {
  return spec.dim + MakeUpdater(spec.updater)->StateFloats(spec.dim);
}

std::uint64_t TableBytesOf(const TableSpec& spec, std::uint32_t buckets, std::uint64_t rows,
                           std::uint64_t pulled_keys) {
  const std::uint64_t recent =
      spec.updater.catch_up ? 0 : RecentRows::kPulls * pulled_keys * RecentRows::kKeyBytes;
  return RowStore(RowFloatsOf(spec)).BytesOf(rows) + IndexBytes(buckets, rows) +
         buckets * sizeof(KeyIndex) + recent;
}

std::uint64_t RowsFileBytesOf(const TableSpec& spec, std::uint32_t buckets, std::uint64_t rows) {
  constexpr std::uint64_t kOfBucket = 16 + 24;  // header, place in the index
  constexpr std::uint64_t kIndexAndTrailer = 16 + 16 + 2 * kBlockFrameBytes;
  const std::uint64_t written = std::min<std::uint64_t>(buckets, rows);
  return kRecordHeaderBytes + kIndexAndTrailer + written * (kOfBucket + kBlockFrameBytes) +
         rows * (sizeof(Key) + RowFloatsOf(spec) * sizeof(float));
}

}  // namespace rookery
