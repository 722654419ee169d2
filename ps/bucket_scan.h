// BucketScan: the rows of a range of buckets of one table, from the files of all shards that wrote
// them, bucket after bucket.
//
// Made by CheckpointReader::ScanRows. Owner: the caller. Threads: one.
// Errors   as CheckpointReader: weights and state that are not finite or beyond 1e30 are refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/error.h"
#include "protocol/table_spec.h"
#include "ps/rows_file.h"

namespace rookery {

inline constexpr float kStoredFloatMax = 1e30F;

class BucketScan {
 public:
  struct Part {
    std::size_t file = 0;  // of `files`
    RowsFileEntry entry;
  };
  // `parts` are in the order of their buckets. The last `opaque` (0 or 1) float of a row is not a
  // number and not looked at.
  BucketScan(TableSpec table, std::vector<std::unique_ptr<RowsFileReader>> files,
             std::vector<Part> parts, std::size_t opaque);

  [[nodiscard]] bool done() const { return next_ == parts_.size(); }
  // The next bucket that has rows. REQUIRES: !done().
  [[nodiscard]] Status Next(BucketRows* out);

 private:
  [[nodiscard]] Status CheckNumbers(const RowsFileReader& file, const BucketRows& rows) const;

  const TableSpec table_;
  const std::vector<std::unique_ptr<RowsFileReader>> files_;
  const std::vector<Part> parts_;
  const std::size_t opaque_;
  std::size_t next_ = 0;
};

// The index of the first float that is not finite or beyond kStoredFloatMax; values.size() when all
// are fine.
[[nodiscard]] std::size_t FirstBadFloat(std::span<const float> values);

}  // namespace rookery
