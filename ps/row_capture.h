// RowCapture: the rows of one table as they are at a cut, copied bucket by bucket while the table
// goes on changing.
//
// A row that is about to change, and is not copied yet, is kept as it was, once. Rows never go away
// and are numbered as they were made, so a row made after the cut is known by its number.
//
// Owner    the table; `store` outlives it. Threads: the table's.
// Memory   a bit a row; a row that was kept takes its floats until its bucket is copied.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/types.h"
#include "ps/kept_rows.h"
#include "ps/key_index.h"
#include "ps/row_set.h"
#include "ps/row_store.h"

namespace rookery {

// The rows of one bucket, keys ascending by MixKey(key): the order of checkpoint files.
struct BucketRows {
  std::vector<Key> keys;
  std::vector<float> rows;  // [keys, row_floats]

  void Clear() {
    keys.clear();
    rows.clear();
  }
};

class RowCapture {
 public:
  struct Range {
    std::uint32_t first_bucket = 0;
    std::uint32_t end_bucket = 0;
    unsigned bucket_bits = 0;
  };
  // The cut is now. `only`: the rows to copy; null: all. `kept`: empty, of the range's buckets.
  // Both outlive this.
  RowCapture(const RowStore* store, std::size_t row_floats, Range range, const RowSet* only,
             KeptRows* kept);

  [[nodiscard]] bool done() const { return bucket_ == range_.end_bucket; }
  // The one that is copied next, or in part.
  [[nodiscard]] std::uint32_t bucket() const { return bucket_; }
  [[nodiscard]] std::uint64_t rows_kept() const { return rows_kept_; }
  // What it takes beside `kept`, and at most how much more that takes when `rows` rows are changed.
  [[nodiscard]] std::uint64_t bytes() const { return done() ? 0 : rows_at_cut_ / 8; }
  [[nodiscard]] std::uint64_t BytesToKeep(std::uint64_t rows) const;
  // The system had no memory to keep a row: what is copied is not as at the cut.
  [[nodiscard]] bool lost() const { return lost_; }

  // Before rows [K] of `keys` are changed; those made since the cut, or absent, may be among them.
  // REQUIRES: !done(); keys ascend by MixKey.
  void BeforeChange(std::span<const Key> keys, std::span<const std::uint32_t> rows);
  // Appends some more rows of bucket() to `out`, at most about a millisecond's worth.
  // True: that was the last of them, bucket() is the next one. `index`: of bucket(). REQUIRES:
  // !done(); `out` holds what this call gave of the bucket before.
  [[nodiscard]] bool CopySome(const KeyIndex& index, BucketRows* out);

 private:
  void BeginBucket(const KeyIndex& index, BucketRows* out);
  void CopyRows(std::size_t end, BucketRows* out);
  void EndBucket();

  const RowStore* const store_;
  const std::size_t row_floats_;
  const Range range_;
  const RowSet* const only_;
  const std::uint32_t rows_at_cut_;
  RowSet saved_;  // kept once, and needed no more when its bucket is copied
  KeptRows* const kept_;
  std::uint64_t rows_kept_ = 0;
  bool lost_ = false;

  // The bucket that is being copied.
  std::uint32_t bucket_;
  bool begun_ = false;
  std::vector<KeyIndex::Item> items_;
  std::size_t copied_ = 0;  // of items_
};

}  // namespace rookery
