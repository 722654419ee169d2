#include "ps/page_arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "common/check.h"

namespace rookery {
namespace {

constexpr std::size_t kBlockAlignment = 64;
constexpr std::size_t kMappingBytesMin = std::size_t{256} << 10U;
constexpr std::size_t kMappingBytesMax = std::size_t{64} << 20U;
constexpr std::size_t kHugePageBytes = std::size_t{2} << 20U;

std::size_t RoundUp(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

}  // namespace

PageArena::~PageArena() {
  for (const Mapping& mapping : mappings_) munmap(mapping.begin, mapping.bytes);
}

void* PageArena::Allocate(std::size_t bytes) {
  bytes = RoundUp(bytes, kBlockAlignment);
  if (const auto free = free_.find(bytes); free != free_.end() && !free->second.empty()) {
    void* block = free->second.back();
    free->second.pop_back();
    std::memset(block, 0, bytes);
    return block;
  }
  if (bytes > left_ && !Map(bytes)) return nullptr;
  void* block = next_;
  next_ += bytes;
  left_ -= bytes;
  bytes_ += bytes;
  return block;
}

void PageArena::Free(void* block, std::size_t bytes) {
  free_[RoundUp(bytes, kBlockAlignment)].push_back(block);
}

// A mapping is about a quarter of what there is already. Pages that are never written take no
// memory. Large ones start at a huge page's border.
bool PageArena::Map(std::size_t bytes_min) {
  std::size_t bytes =
      std::clamp(std::bit_ceil(mapped_ / 4 + 1), kMappingBytesMin, kMappingBytesMax);
  bytes = RoundUp(std::max(bytes, bytes_min), kMappingBytesMin);
  const bool huge = bytes >= kHugePageBytes;
  if (huge) bytes = RoundUp(bytes, kHugePageBytes);
  const std::size_t extra = huge ? kHugePageBytes : 0;
  void* begin =
      mmap(nullptr, bytes + extra, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (begin == MAP_FAILED) return false;
  mappings_.push_back({static_cast<std::byte*>(begin), bytes + extra});
  mapped_ += bytes;
  const std::size_t unit = huge ? kHugePageBytes : kBlockAlignment;
  const std::size_t skip = (unit - reinterpret_cast<std::uintptr_t>(begin) % unit) % unit;
  next_ = static_cast<std::byte*>(begin) + skip;
  left_ = bytes;
  if (huge) madvise(next_, bytes, MADV_HUGEPAGE);  // a wish; refused is fine
  return true;
}

}  // namespace rookery
