// The memory of what comes and goes with every message: frames, coroutines, posted tasks, their
// small lists. Freed blocks are kept by size and given out again, so that a training step that is
// like the one before it asks the system for nothing and touches no fresh page.
//
// Owner    nobody: like malloc it holds no meaning, only memory; at most kPoolBytesMax are kept.
// Threads  any; a block may be given back by another thread than took it. A lock per size, held for
//          a few instructions, once per block and never per row.
// In builds with a sanitizer every block comes from the system, so that misuse is seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace rookery {

inline constexpr std::size_t kBlockAlignment = 64;
inline constexpr std::size_t kPoolBytesMax = std::size_t{256} << 20;

// False where sanitizers watch.
[[nodiscard]] bool BlocksAreKept();
// The bytes that a block of `bytes` takes: at most a quarter more, beyond 64.
[[nodiscard]] std::size_t BlockBytes(std::size_t bytes);

// Uninitialised, aligned to kBlockAlignment. Throws std::bad_alloc as operator new does.
[[nodiscard]] void* TakeBlock(std::size_t bytes);
// REQUIRES: `block` was taken with the same `bytes`.
void GiveBlock(void* block, std::size_t bytes) noexcept;

template <class T>
struct PoolAllocator {
  static_assert(alignof(T) <= kBlockAlignment);
  using value_type = T;
  PoolAllocator() = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>&) noexcept {}  // NOLINT: implicit on purpose
  T* allocate(std::size_t count) { return static_cast<T*>(TakeBlock(count * sizeof(T))); }
  void deallocate(T* block, std::size_t count) noexcept { GiveBlock(block, count * sizeof(T)); }
  template <class U>
  friend bool operator==(const PoolAllocator&, const PoolAllocator<U>&) noexcept {
    return true;
  }
};

template <class T>
using PooledVector = std::vector<T, PoolAllocator<T>>;

template <class T, class... Args>
std::shared_ptr<T> MakePooled(Args&&... args) {
  return std::allocate_shared<T>(PoolAllocator<T>(), std::forward<Args>(args)...);
}

// A base of types whose objects come and go with every message.
struct Pooled {
  static void* operator new(std::size_t bytes) { return TakeBlock(bytes); }
  static void operator delete(void* block, std::size_t bytes) noexcept { GiveBlock(block, bytes); }
};

}  // namespace rookery
