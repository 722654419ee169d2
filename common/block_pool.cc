#include "common/block_pool.h"

#include <array>
#include <atomic>
#include <bit>
#include <mutex>
#include <new>

namespace rookery {
namespace {

// Under a sanitizer every block is one of its own, so that it sees what happens to it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kKeep = false;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kKeep = false;
#else
constexpr bool kKeep = true;
#endif
#else
constexpr bool kKeep = true;
#endif

// Sizes are 64 bytes and then four steps per doubling.
constexpr std::size_t kSmallest = 64;
constexpr std::size_t kSmallestBits = 6;
constexpr std::size_t kLargest = std::size_t{64} << 20;  // larger ones are not kept
constexpr std::size_t kStepsPerDoubling = 4;
constexpr std::size_t kDoublings = 20;
static_assert(kSmallest << kDoublings == kLargest && kSmallest == std::size_t{1} << kSmallestBits);

struct Size {
  std::size_t index = 0;
  std::size_t bytes = kSmallest;
};

// REQUIRES: bytes <= kLargest.
Size SizeOf(std::size_t bytes) {
  if (bytes <= kSmallest) return {};
  const std::size_t bits = std::bit_width(bytes - 1);  // 2^(bits - 1) < bytes <= 2^bits
  const std::size_t half = std::size_t{1} << (bits - 1);
  const std::size_t step = half / kStepsPerDoubling;
  const std::size_t steps = (bytes - half + step - 1) / step;  // 1 .. kStepsPerDoubling
  const std::size_t doubling = bits - 1 - kSmallestBits;
  return {doubling * kStepsPerDoubling + steps, half + steps * step};
}

struct FreeBlock {
  FreeBlock* next;
};
struct alignas(64) FreeList {
  std::mutex mutex;
  FreeBlock* first = nullptr;
};

constinit std::array<FreeList, kDoublings * kStepsPerDoubling + 1> lists;
constinit std::atomic<std::size_t> kept_bytes = 0;

void* New(std::size_t bytes) {
  return ::operator new (bytes, std::align_val_t{kBlockAlignment});
}

}  // namespace

bool BlocksAreKept() {
  return kKeep;
}

std::size_t BlockBytes(std::size_t bytes) {
  return kKeep && bytes <= kLargest ? SizeOf(bytes).bytes : bytes;
}

void* TakeBlock(std::size_t bytes) {
  if (!kKeep || bytes > kLargest) return New(bytes);
  const Size size = SizeOf(bytes);
  FreeList& list = lists[size.index];
  {
    std::lock_guard lock(list.mutex);
    if (FreeBlock* const block = list.first) {
      list.first = block->next;
      kept_bytes.fetch_sub(size.bytes, std::memory_order_relaxed);
      return block;
    }
  }
  return New(size.bytes);
}

void GiveBlock(void* block, std::size_t bytes) noexcept {
  if (block == nullptr) return;
  if (kKeep && bytes <= kLargest) {
    const Size size = SizeOf(bytes);
    if (kept_bytes.fetch_add(size.bytes, std::memory_order_relaxed) + size.bytes <= kPoolBytesMax) {
      FreeList& list = lists[size.index];
      std::lock_guard lock(list.mutex);
      list.first = new (block) FreeBlock{list.first};
      return;
    }
    kept_bytes.fetch_sub(size.bytes, std::memory_order_relaxed);
  }
  ::operator delete (block, std::align_val_t{kBlockAlignment});
}

}  // namespace rookery
