#include "ps/row_store.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace rookery {
namespace {

constexpr std::size_t kSegmentBytes = std::size_t{64} << 20U;
constexpr std::size_t kSystemPageBytes = 4096;

unsigned SegmentBits(std::size_t row_floats) {
  const std::size_t rows = kSegmentBytes / (row_floats * sizeof(float));
  return static_cast<unsigned>(std::bit_width(std::max<std::size_t>(rows, 1))) - 1;
}

}  // namespace

RowStore::RowStore(std::size_t row_floats)
    : row_floats_(row_floats),
      segment_bits_(SegmentBits(row_floats)),
      segment_mask_((1U << segment_bits_) - 1) {}

std::uint64_t RowStore::BytesOf(std::uint64_t rows) const {
  const std::uint64_t row_bytes = row_floats_ * sizeof(float);
  const std::uint64_t segment_bytes = row_bytes << segment_bits_;
  const std::uint64_t full = rows >> segment_bits_;
  const std::uint64_t last = (rows & segment_mask_) * row_bytes;
  const bool small = full == 0 && last <= kHugePageBytes;
  const std::uint64_t page = small ? kSystemPageBytes : kHugePageBytes;
  return full * segment_bytes + std::min((last + page - 1) / page * page, segment_bytes);
}

std::uint32_t RowStore::Append() {
  if (size_ == kNone) return kNone;
  if (size_ >> segment_bits_ == segments_.size()) {
    // Small tables stay small: the first rows are in small pages.
    const std::size_t small = segments_.empty() ? kHugePageBytes : 0;
    HugeMapping mapping((row_floats_ * sizeof(float)) << segment_bits_, small);
    if (mapping.begin() == nullptr) return kNone;
    segments_.push_back(reinterpret_cast<float*>(mapping.begin()));
    mappings_.push_back(std::move(mapping));
  }
  if (size_ >= rows_in_pages_) {
    const std::uint64_t end = BytesOf(std::uint64_t{size_} + 1);
    const std::uint64_t row_bytes = row_floats_ * sizeof(float);
    const std::uint64_t begin = std::uint64_t{size_} >> segment_bits_ << segment_bits_;
    const std::uint64_t rows = begin + (end - begin * row_bytes) / row_bytes;
    rows_in_pages_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(rows, kNone));
  }
  return size_++;
}

}  // namespace rookery
