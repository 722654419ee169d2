// Memory of the system in huge pages, zero-filled; pages that are never written take none.
#pragma once

#include <cstddef>

namespace rookery {

inline constexpr std::size_t kHugePageBytes = std::size_t{2} << 20U;

// A mapping that gives its memory back when it ends. Threads: one.
class HugeMapping {
 public:
  HugeMapping() = default;
  // `bytes` from begin(), which lies at a huge page's border; huge pages from `small` bytes on.
  // begin() is null when the system gives no more.
  explicit HugeMapping(std::size_t bytes, std::size_t small = 0);
  ~HugeMapping();
  HugeMapping(HugeMapping&& other) noexcept;
  HugeMapping& operator=(HugeMapping&& other) noexcept;

  [[nodiscard]] std::byte* begin() const { return begin_; }

 private:
  void* mapped_ = nullptr;
  std::size_t mapped_bytes_ = 0;
  std::byte* begin_ = nullptr;
};

}  // namespace rookery
