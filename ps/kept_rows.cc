#include "ps/kept_rows.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rookery {
namespace {

std::uint32_t WordAt(const float* block, std::size_t at) {
  return std::bit_cast<std::uint32_t>(block[at]);
}

void SetWord(float* block, std::size_t at, std::uint32_t word) {
  std::memcpy(block + at, &word, sizeof(word));  // any bits, which a float might not keep
}

// A bucket's last block is half empty, so blocks are small where buckets are.
std::uint32_t BlockRows(std::uint32_t buckets, std::uint64_t rows, std::uint32_t rows_max) {
  constexpr std::uint64_t kBlocksOfBucket = 8;
  const std::uint64_t of_bucket = rows / std::max<std::uint32_t>(buckets, 1);
  return static_cast<std::uint32_t>(
      std::clamp<std::uint64_t>(of_bucket / kBlocksOfBucket, 1, rows_max));
}

}  // namespace

KeptRows::KeptRows(std::size_t row_floats, std::uint32_t buckets, std::uint64_t rows)
    : row_floats_(row_floats),
      block_rows_(BlockRows(buckets, rows, kBlockRowsMax)),
      blocks_(kNumbersAt + block_rows_ * (1 + row_floats)),
      buckets_(buckets) {}

bool KeptRows::AddBlock(Bucket* bucket) {
  std::uint32_t number = RowStore::kNone;
  if (free_.empty()) {
    number = blocks_.Append();
    if (number == RowStore::kNone) return false;
  } else {
    number = free_.back();
    free_.pop_back();
  }
  float* const block = blocks_.Row(number);
  SetWord(block, kNextAt, bucket->last);
  SetWord(block, kCountAt, 0);
  bucket->last = number;
  return true;
}

bool KeptRows::Add(std::uint32_t bucket, std::uint32_t row, const float* floats) {
  Bucket& of = buckets_[bucket];
  const bool full =
      of.last == RowStore::kNone || WordAt(blocks_.Row(of.last), kCountAt) == block_rows_;
  if (full && !AddBlock(&of)) return false;
  float* const block = blocks_.Row(of.last);
  const std::uint32_t at = WordAt(block, kCountAt);
  SetWord(block, kNumbersAt + at, row);
  std::memcpy(block + kNumbersAt + block_rows_ + at * row_floats_, floats,
              row_floats_ * sizeof(float));
  SetWord(block, kCountAt, at + 1);
  ++of.rows;
  ++rows_;
  return true;
}

void KeptRows::Select(std::uint32_t bucket) {
  const std::size_t size = std::bit_ceil(std::size_t{buckets_[bucket].rows} * 2 + 2);
  slots_.assign(size, Slot());
  slot_shift_ = static_cast<unsigned>(64 - std::countr_zero(size));
  std::uint32_t number = buckets_[bucket].last;
  while (number != RowStore::kNone) {
    const float* const block = blocks_.Row(number);
    const std::uint32_t count = WordAt(block, kCountAt);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t row = WordAt(block, kNumbersAt + i);
      std::size_t at = SlotOf(row);
      while (slots_[at].row != RowStore::kNone) at = (at + 1) & (size - 1);
      slots_[at] = {row, number << kPlaceBits | i};
    }
    number = WordAt(block, kNextAt);
  }
}

const float* KeptRows::Find(std::uint32_t row) const {
  for (std::size_t at = SlotOf(row);; at = (at + 1) & (slots_.size() - 1)) {
    const Slot& slot = slots_[at];
    if (slot.row == RowStore::kNone) return nullptr;
    if (slot.row != row) continue;
    const float* const block = blocks_.Row(slot.place >> kPlaceBits);
    const std::size_t of_block = slot.place & (kBlockRowsMax - 1);
    return block + kNumbersAt + block_rows_ + of_block * row_floats_;
  }
}

void KeptRows::Drop(std::uint32_t bucket) {
  std::uint32_t number = buckets_[bucket].last;
  while (number != RowStore::kNone) {
    free_.push_back(number);
    number = WordAt(blocks_.Row(number), kNextAt);
  }
  buckets_[bucket] = Bucket();
}

void KeptRows::DropAll() {
  for (std::uint32_t bucket = 0; bucket < buckets_.size(); ++bucket) Drop(bucket);
}

bool KeptRows::Suits(std::uint64_t rows) const {
  const auto buckets = static_cast<std::uint32_t>(buckets_.size());
  return BlockRows(buckets, rows, kBlockRowsMax) == block_rows_;
}

std::uint64_t KeptRows::BytesToAdd(std::uint64_t rows) const {
  const std::uint64_t begun = std::min<std::uint64_t>(rows, buckets_.size());
  const std::uint64_t blocks = begun + (rows - begun) / block_rows_;
  if (blocks <= free_.size()) return 0;
  return blocks_.BytesOf(blocks_.size() + blocks - free_.size()) - blocks_.bytes();
}

}  // namespace rookery
