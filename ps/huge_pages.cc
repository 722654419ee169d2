#include "ps/huge_pages.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace rookery {

HugeMapping::HugeMapping(std::size_t bytes, std::size_t small) {
  if (bytes + kHugePageBytes < bytes) return;
  void* const mapped = mmap(nullptr, bytes + kHugePageBytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return;
  mapped_ = mapped;
  mapped_bytes_ = bytes + kHugePageBytes;
  const std::size_t beyond = reinterpret_cast<std::uintptr_t>(mapped) % kHugePageBytes;
  begin_ = static_cast<std::byte*>(mapped) + (beyond == 0 ? 0 : kHugePageBytes - beyond);
  small = std::min(small, bytes);
  madvise(begin_ + small, bytes - small, MADV_HUGEPAGE);  // a wish; refused is fine
}

HugeMapping::~HugeMapping() {
  if (mapped_ != nullptr) munmap(mapped_, mapped_bytes_);
}

HugeMapping::HugeMapping(HugeMapping&& other) noexcept
    : mapped_(std::exchange(other.mapped_, nullptr)),
      mapped_bytes_(std::exchange(other.mapped_bytes_, 0)),
      begin_(std::exchange(other.begin_, nullptr)) {}

HugeMapping& HugeMapping::operator=(HugeMapping&& other) noexcept {
  std::swap(mapped_, other.mapped_);
  std::swap(mapped_bytes_, other.mapped_bytes_);
  std::swap(begin_, other.begin_);
  return *this;
}

}  // namespace rookery
