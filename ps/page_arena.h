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
  // Ever taken: what the blocks of the arena may occupy.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  [[nodiscard]] bool Map(std::size_t bytes_min);
  [[nodiscard]] void* Reuse(std::size_t bytes);
  void AddFree(std::byte* block, std::size_t bytes);
  void RemoveFree(std::map<std::byte*, std::size_t>::iterator block);

  std::vector<HugeMapping> mappings_;
  std::byte* next_ = nullptr;  // of the last mapping
  std::size_t left_ = 0;
  std::uint64_t mapped_ = 0;
  std::uint64_t bytes_ = 0;
  std::map<std::byte*, std::size_t> free_;  // no two touch
  std::set<std::pair<std::size_t, std::byte*>> free_by_size_;
};

}  // namespace rookery
