// PageArena: memory of one table in blocks, from few large mappings of the system: huge pages serve
// all buckets together though each bucket is small.
//
// Blocks are aligned to 64 bytes, their bytes are any. Freed blocks that touch become one and are
// handed out again, whole or in part; memory goes back to the system when the arena ends. The first
// mappings are small, so that small tables stay small.
//
// Owner    the table. Threads: its owner's.
// Errors   nullptr when the system gives no more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "ps/huge_pages.h"

namespace rookery {

class PageArena {
 public:
  [[nodiscard]] void* Allocate(std::size_t bytes);
  void Free(void* block, std::size_t bytes);
  // What the blocks that were ever taken may occupy: whole pages, as the system gives them.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_ + PageRest(left_); }
  // How much that grows by Allocate(bytes).
  [[nodiscard]] std::uint64_t BytesToAllocate(std::size_t bytes) const;

 private:
  // What lies between the end of the last mapping's blocks and the end of that page, when `left`
  // bytes of the mapping are free.
  [[nodiscard]] std::uint64_t PageRest(std::size_t left) const;
  [[nodiscard]] std::size_t MappingBytes(std::size_t bytes_min) const;
  [[nodiscard]] bool Map(std::size_t bytes_min);
  [[nodiscard]] void* Reuse(std::size_t bytes);
  void AddFree(std::byte* block, std::size_t bytes);
  void RemoveFree(std::map<std::byte*, std::size_t>::iterator block);

  std::vector<HugeMapping> mappings_;
  std::byte* next_ = nullptr;  // of the last mapping
  std::size_t left_ = 0;
  std::size_t page_ = 1;  // of the last mapping
  std::uint64_t mapped_ = 0;
  std::uint64_t bytes_ = 0;
  std::map<std::byte*, std::size_t> free_;  // no two touch
  std::set<std::pair<std::size_t, std::byte*>> free_by_size_;
};

}  // namespace rookery
