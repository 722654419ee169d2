#include "ps/row_capture.h"

#include <algorithm>
#include <array>

#include "common/check.h"
#include "common/fault_hooks.h"
#include "common/hash.h"
#include "common/prefetch.h"

namespace rookery {
namespace {

constexpr std::size_t kSliceFloats = std::size_t{1} << 19U;
constexpr std::size_t kLineFloats = 16;
constexpr std::size_t kAhead = 16;
constexpr std::size_t kBatch = 32;

void PrefetchRow(const float* row, std::size_t floats) {
  for (std::size_t i = 0; i < floats; i += kLineFloats) Prefetch(row + i);
}

}  // namespace

RowCapture::RowCapture(const RowStore* store, std::size_t row_floats, Range range,
                       const RowSet* only, KeptRows* kept)
    : store_(store),
      row_floats_(row_floats),
      range_(range),
      only_(only),
      rows_at_cut_(store->size()),
      saved_(store->size()),
      kept_(kept),
      bucket_(range.first_bucket) {}

std::uint64_t RowCapture::BytesToKeep(std::uint64_t rows) const {
  return done() ? 0 : kept_->BytesToAdd(std::min<std::uint64_t>(rows, rows_at_cut_));
}

void RowCapture::BeforeChange(std::span<const Key> keys, std::span<const std::uint32_t> rows) {
  if (ROOKERY_FAULT(forget_to_keep)) return;
  const unsigned shift = 64 - range_.bucket_bits;
  // Rows below are copied.
  const std::uint64_t low = begun_ ? items_[copied_].mixed : std::uint64_t{bucket_} << shift;
  const auto copied = [&](Key key) { return MixKey(key) < low; };
  const auto first = std::ranges::partition_point(keys, copied);
  for (auto i = static_cast<std::size_t>(first - keys.begin()); i < rows.size(); ++i) {
    saved_.Prefetch(rows[std::min(i + 2 * kAhead, rows.size() - 1)]);
    const std::uint32_t ahead = rows[std::min(i + kAhead, rows.size() - 1)];
    if (!saved_.Contains(ahead)) PrefetchRow(store_->Row(ahead), row_floats_);
    const std::uint32_t row = rows[i];
    if (row >= rows_at_cut_ || (only_ != nullptr && !only_->Contains(row))) continue;
    if (!saved_.Add(row)) continue;
    const auto bucket = static_cast<std::uint32_t>(MixKey(keys[i]) >> shift);
    if (!kept_->Add(bucket - range_.first_bucket, row, store_->Row(row))) lost_ = true;
    ++rows_kept_;
  }
}

void RowCapture::BeginBucket(const KeyIndex& index, BucketRows* out) {
  ROOKERY_CHECK(out->keys.empty());
  index.Sorted(range_.bucket_bits, &items_, [this](std::uint32_t row) {
    return row < rows_at_cut_ && (only_ == nullptr || only_->Contains(row));
  });
  out->keys.reserve(items_.size());
  out->rows.reserve(items_.size() * row_floats_);
  copied_ = 0;
  begun_ = true;
}

// A few rows at a time are looked up, and are on their way from memory before the first is copied.
void RowCapture::CopyRows(std::size_t end, BucketRows* out) {
  std::array<const float*, kBatch> from{};
  while (copied_ < end) {
    const std::size_t count = std::min(kBatch, end - copied_);
    for (std::size_t i = 0; i < count; ++i) {
      const KeyIndex::Item& item = items_[copied_ + i];
      const float* const kept = kept_->Find(item.row);
      from[i] = kept != nullptr ? kept : store_->Row(item.row);
      PrefetchRow(from[i], row_floats_);
      out->keys.push_back(UnmixKey(item.mixed));
    }
    for (std::size_t i = 0; i < count; ++i) {
      out->rows.insert(out->rows.end(), from[i], from[i] + row_floats_);
    }
    copied_ += count;
  }
}

bool RowCapture::CopySome(const KeyIndex& index, BucketRows* out) {
  if (!begun_) BeginBucket(index, out);
  kept_->Select(bucket_ - range_.first_bucket);
  const std::size_t rows = std::max<std::size_t>(kSliceFloats / row_floats_, 1);
  CopyRows(std::min(copied_ + rows, items_.size()), out);
  if (copied_ < items_.size()) return false;
  EndBucket();
  return true;
}

void RowCapture::EndBucket() {
  kept_->Drop(bucket_ - range_.first_bucket);
  begun_ = false;
  ++bucket_;
  if (!done()) return;
  saved_ = RowSet();
  items_ = {};
}

}  // namespace rookery
