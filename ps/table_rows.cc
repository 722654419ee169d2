// The parts of Table that take the rows of a checkpoint, and that say which keys have a row.
#include <algorithm>
#include <cstring>
#include <vector>

#include "common/check.h"
#include "common/hash.h"
#include "ps/table.h"

namespace rookery {
namespace {

// Whether keys ascend by MixKey and are all of the first one's bucket: the order of checkpoints.
bool AscendInBucket(std::span<const Key> keys, unsigned bucket_shift) {
  std::uint64_t before = MixKey(keys.front());
  const std::uint64_t bucket = before >> bucket_shift;
  bool right = true;
  for (const Key key : keys.subspan(1)) {
    const std::uint64_t mixed = MixKey(key);
    right &= before < mixed && mixed >> bucket_shift == bucket;
    before = mixed;
  }
  return right;
}

}  // namespace

void Table::FindRows(std::span<const Key> keys, std::span<std::uint8_t> present) {
  ROOKERY_CHECK(present.size() == keys.size()) << spec_.name;
  CheckKeys(keys);
  Scratch scratch;
  for (std::size_t begin = 0; begin < keys.size(); begin += kBatch) {
    const std::size_t count = std::min(kBatch, keys.size() - begin);
    const Status located = Locate(keys.subspan(begin, count), false, &scratch);
    ROOKERY_CHECK(located.ok()) << located.message();  // only what makes rows can fail
    for (std::size_t i = 0; i < count; ++i) present[begin + i] = scratch.rows[i] != nullptr;
  }
}

Status Table::InsertRow(Key key, std::span<const float> row) {
  ROOKERY_CHECK(row.size() == row_floats_) << spec_.name;
  const std::uint64_t mixed = MixKey(key);
  if (!Owns(key)) {
    return Corrupt("table '", spec_.name, "': key ", key, " is of bucket ", mixed >> bucket_shift_,
                   ", this server has ", first_bucket_, " to ", end_bucket_);
  }
  if (IndexFor(mixed).Find(mixed, bucket_bits_) != KeyIndex::kAbsent) {
    return Corrupt("table '", spec_.name, "': key ", key, " comes twice");
  }
  ROOKERY_RETURN_IF_ERROR(CheckLoad(IndexFor(mixed), 1));
  float* place = AddRow(mixed);
  if (place == nullptr) return NoMemory();
  Count();
  std::memcpy(place, row.data(), row.size_bytes());
  return OkStatus();
}

// Nothing comes twice, so nothing is looked up.
Status Table::FillBucket(std::span<const Key> keys, std::span<const float> rows, KeyIndex* index) {
  const float* from = rows.data();
  for (const Key key : keys) {
    const std::uint32_t row = store_.Append();
    if (row == RowStore::kNone) return NoMemory();
    std::memcpy(store_.Row(row), from, row_floats_ * sizeof(float));
    index->Insert(MixKey(key), row, bucket_bits_);
    from += row_floats_;
  }
  return OkStatus();
}

Status Table::InsertBucket(std::span<const Key> keys, std::span<const float> rows) {
  ROOKERY_CHECK(rows.size() == keys.size() * row_floats_) << spec_.name;
  if (!keys.empty() && Owns(keys[0])) {
    KeyIndex& index = IndexFor(MixKey(keys[0]));
    const bool empty = index.size() == 0;
    ROOKERY_RETURN_IF_ERROR(CheckLoad(index, keys.size()));
    if (!index.Reserve(index.size() + keys.size(), bucket_bits_, &arena_)) return NoMemory();
    if (empty && AscendInBucket(keys, bucket_shift_)) {
      Status status = FillBucket(keys, rows, &index);
      Count();
      return status;
    }
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    ROOKERY_RETURN_IF_ERROR(InsertRow(keys[i], rows.subspan(i * row_floats_, row_floats_)));
  }
  return OkStatus();
}

}  // namespace rookery
