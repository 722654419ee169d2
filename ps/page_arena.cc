#include "ps/page_arena.h"

#include <algorithm>
#include <bit>
#include <iterator>

namespace rookery {
namespace {

constexpr std::size_t kBlockAlignment = 64;
constexpr std::size_t kSmallPageBytes = 4096;
constexpr std::size_t kMappingBytesMin = std::size_t{256} << 10U;
constexpr std::size_t kMappingBytesMax = std::size_t{64} << 20U;
constexpr std::size_t kBlockBytesMax = std::size_t{1} << 46U;

std::size_t RoundUp(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

}  // namespace

void* PageArena::Allocate(std::size_t bytes) {
  if (bytes > kBlockBytesMax) return nullptr;
  bytes = RoundUp(bytes, kBlockAlignment);
  if (void* block = Reuse(bytes); block != nullptr) return block;
  if (bytes > left_ && !Map(bytes)) return nullptr;
  void* block = next_;
  next_ += bytes;
  left_ -= bytes;
  bytes_ += bytes;
  return block;
}

void PageArena::Free(void* block, std::size_t bytes) {
  AddFree(static_cast<std::byte*>(block), RoundUp(bytes, kBlockAlignment));
}

// The smallest free block that is large enough.
void* PageArena::Reuse(std::size_t bytes) {
  const auto found = free_by_size_.lower_bound({bytes, nullptr});
  if (found == free_by_size_.end()) return nullptr;
  const auto [size, block] = *found;
  RemoveFree(free_.find(block));
  if (size > bytes) AddFree(block + bytes, size - bytes);
  return block;
}

void PageArena::AddFree(std::byte* block, std::size_t bytes) {
  const auto after = free_.lower_bound(block);
  if (after != free_.end() && after->first == block + bytes) {
    bytes += after->second;
    RemoveFree(after);
  }
  const auto next = free_.lower_bound(block);
  if (next != free_.begin()) {
    const auto before = std::prev(next);
    if (before->first + before->second == block) {
      block = before->first;
      bytes += before->second;
      RemoveFree(before);
    }
  }
  free_.emplace(block, bytes);
  free_by_size_.emplace(bytes, block);
}

void PageArena::RemoveFree(std::map<std::byte*, std::size_t>::iterator block) {
  free_by_size_.erase({block->second, block->first});
  free_.erase(block);
}

// All mappings end where a page of theirs ends, or at their own end.
std::uint64_t PageArena::PageRest(std::size_t left) const {
  return left % page_;
}

std::uint64_t PageArena::BytesToAllocate(std::size_t bytes) const {
  bytes = RoundUp(bytes, kBlockAlignment);
  if (free_by_size_.lower_bound({bytes, nullptr}) != free_by_size_.end()) return 0;
  if (bytes <= left_) return bytes + PageRest(left_ - bytes) - PageRest(left_);
  const std::size_t page = MappingBytes(bytes) >= kHugePageBytes ? kHugePageBytes : kSmallPageBytes;
  return left_ - PageRest(left_) + RoundUp(bytes, page);
}

// A mapping is about a quarter of what there is already.
std::size_t PageArena::MappingBytes(std::size_t bytes_min) const {
  const std::size_t usual =
      std::clamp(std::bit_ceil(mapped_ / 4 + 1), kMappingBytesMin, kMappingBytesMax);
  const std::size_t bytes = std::max(usual, bytes_min);
  return RoundUp(bytes, bytes >= kHugePageBytes ? kHugePageBytes : kMappingBytesMin);
}

bool PageArena::Map(std::size_t bytes_min) {
  const std::size_t bytes = MappingBytes(bytes_min);
  const bool huge = bytes >= kHugePageBytes;
  HugeMapping mapping(bytes, huge ? 0 : bytes);
  if (mapping.begin() == nullptr) return false;
  if (left_ > 0) {
    bytes_ += left_;
    AddFree(next_, left_);
  }
  next_ = mapping.begin();
  left_ = bytes;
  page_ = huge ? kHugePageBytes : kSmallPageBytes;
  mapped_ += bytes;
  mappings_.push_back(std::move(mapping));
  return true;
}

}  // namespace rookery
