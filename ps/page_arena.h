// PageArena: memory of one table in blocks, from few large mappings of the system: huge pages serve
// all buckets together though each bucket is small.
//
// Blocks are aligned to 64 bytes and zero-filled. A freed block is handed out again to the next
// request of the same size; memory goes back to the system when the arena ends. The first mappings
// are small, so that small tables stay small.
//
// Owner    the table. Threads: its owner's.
// Errors   nullptr when the system gives no more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace rookery {

class PageArena {
 public:
  PageArena() = default;
  ~PageArena();
  PageArena(const PageArena&) = delete;
  PageArena& operator=(const PageArena&) = delete;

  [[nodiscard]] void* Allocate(std::size_t bytes);
  void Free(void* block, std::size_t bytes);
  // Handed out and ever handed out: what the blocks of the arena may occupy.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

 private:
  struct Mapping {
    std::byte* begin;
    std::size_t bytes;
  };
  [[nodiscard]] bool Map(std::size_t bytes_min);

  std::vector<Mapping> mappings_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
  std::uint64_t mapped_ = 0;
  std::uint64_t bytes_ = 0;
  std::map<std::size_t, std::vector<void*>> free_;
};

}  // namespace rookery
