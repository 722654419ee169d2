#include "ps/row_capture.h"

#include <algorithm>
#include <cstring>

#include "common/check.h"
#include "common/fault_hooks.h"
#include "common/hash.h"
#include "common/prefetch.h"

namespace rookery {
namespace {

constexpr std::size_t kSliceFloats = std::size_t{1} << 19U;
constexpr std::size_t kLineFloats = 16;
constexpr std::size_t kAhead = 16;

void PrefetchRow(const float* row, std::size_t floats) {
  for (std::size_t i = 0; i < floats; i += kLineFloats) Prefetch(row + i);
}

}  // namespace

RowCapture::RowCapture(const RowStore* store, std::size_t row_floats, Range range,
                       const RowSet* only)
    : store_(store),
      row_floats_(row_floats),
      range_(range),
      only_(only),
      rows_at_cut_(store->size()),
      saved_(store->size()),
      kept_(range.end_bucket - range.first_bucket),
      bucket_(range.first_bucket) {}

void RowCapture::BeforeChange(std::span<const Key> keys, std::span<const std::uint32_t> rows) {
  if (ROOKERY_FAULT(forget_to_keep)) return;
  const unsigned shift = 64 - range_.bucket_bits;
  const auto copied = [&](Key key) { return MixKey(key) >> shift < bucket_; };
  const auto first = std::ranges::partition_point(keys, copied);
  for (auto i = static_cast<std::size_t>(first - keys.begin()); i < rows.size(); ++i) {
    const std::uint32_t ahead = rows[std::min(i + kAhead, rows.size() - 1)];
    if (ahead < rows_at_cut_) PrefetchRow(store_->Row(ahead), row_floats_);
    const std::uint32_t row = rows[i];
    if (row >= rows_at_cut_ || (only_ != nullptr && !only_->Contains(row))) continue;
    if (!saved_.Add(row)) continue;
    Kept& kept = kept_[static_cast<std::size_t>(MixKey(keys[i]) >> shift) - range_.first_bucket];
    const float* const floats = store_->Row(row);
    kept.numbers.push_back(row);
    kept.floats.insert(kept.floats.end(), floats, floats + row_floats_);
    ++rows_kept_;
  }
}

void RowCapture::BeginBucket(const KeyIndex& index, BucketRows* out) {
  ROOKERY_CHECK(out->keys.empty());
  index.Sorted(range_.bucket_bits, &items_);
  std::erase_if(items_, [this](const KeyIndex::Item& item) {
    return item.row >= rows_at_cut_ || (only_ != nullptr && !only_->Contains(item.row));
  });
  out->keys.reserve(items_.size());
  out->rows.reserve(items_.size() * row_floats_);
  copied_ = 0;
  places_.clear();
  begun_ = true;
}

const float* RowCapture::AsAtTheCut(std::uint32_t row) const {
  if (!saved_.Contains(row)) return store_->Row(row);
  const auto place = std::ranges::lower_bound(places_, row, {}, &Place::row);
  const Kept& kept = kept_[bucket_ - range_.first_bucket];
  return kept.floats.data() + place->at * row_floats_;
}

bool RowCapture::CopySome(const KeyIndex& index, BucketRows* out) {
  if (!begun_) BeginBucket(index, out);
  Kept& kept = kept_[bucket_ - range_.first_bucket];
  const auto old = static_cast<std::ptrdiff_t>(places_.size());
  for (std::size_t at = places_.size(); at < kept.numbers.size(); ++at) {
    places_.push_back({kept.numbers[at], static_cast<std::uint32_t>(at)});
  }
  std::ranges::sort(places_.begin() + old, places_.end(), {}, &Place::row);
  std::ranges::inplace_merge(places_, places_.begin() + old, {}, &Place::row);

  const std::size_t rows = std::max<std::size_t>(kSliceFloats / row_floats_, 1);
  const std::size_t end = std::min(copied_ + rows, items_.size());
  out->rows.resize(end * row_floats_);
  float* to = out->rows.data() + copied_ * row_floats_;
  for (; copied_ < end; ++copied_, to += row_floats_) {
    const KeyIndex::Item& ahead = items_[std::min(copied_ + kAhead, end - 1)];
    PrefetchRow(store_->Row(ahead.row), row_floats_);
    out->keys.push_back(UnmixKey(items_[copied_].mixed));
    std::memcpy(to, AsAtTheCut(items_[copied_].row), row_floats_ * sizeof(float));
  }
  if (copied_ < items_.size()) return false;
  kept = Kept();
  begun_ = false;
  ++bucket_;
  return true;
}

}  // namespace rookery
