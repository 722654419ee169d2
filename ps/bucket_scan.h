// BucketScan: the rows of a range of buckets of one table, from the files of all shards that wrote
// them and of all checkpoints of a chain, bucket after bucket. Of a key that several checkpoints
// hold, the newest row is taken.
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

// How the rows of a table stand in the files of a checkpoint with so many buckets. The last
// `opaque` (0 or 1) float of a row is no number.
struct RowsForm {
  RowsFileShape shape;
  std::size_t opaque = 0;
};
[[nodiscard]] RowsForm RowsFormOf(const TableSpec& table, std::uint32_t buckets);

class BucketScan {
 public:
  struct Part {
    std::size_t file = 0;  // of `files`
    std::size_t age = 0;   // of its checkpoint in the chain; 0: the newest
    RowsFileEntry entry;
  };
  // `parts` are in the order of their buckets, the newest of a bucket first. `opaque`: RowsForm;
  // that float is not looked at.
  BucketScan(TableSpec table, std::vector<std::unique_ptr<RowsFileReader>> files,
             std::vector<Part> parts, std::size_t opaque);

  [[nodiscard]] bool done() const { return next_ == parts_.size(); }
  // The next bucket that has rows. REQUIRES: !done().
  [[nodiscard]] Status Next(BucketRows* out);

 private:
  [[nodiscard]] Status Read(const Part& part, BucketRows* out);
  [[nodiscard]] Status CheckNumbers(const RowsFileReader& file, const BucketRows& rows) const;

  const TableSpec table_;
  const std::vector<std::unique_ptr<RowsFileReader>> files_;
  const std::vector<Part> parts_;
  const std::size_t opaque_;
  std::size_t next_ = 0;
  BucketRows older_;  // scratch
  BucketRows merged_;
};

// The index of the first float that is not finite or beyond kStoredFloatMax; values.size() when all
// are fine.
[[nodiscard]] std::size_t FirstBadFloat(std::span<const float> values);

}  // namespace rookery
