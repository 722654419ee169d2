// All rows of a table as a checkpoint would hold them: a cut, and the copies of its buckets.
#pragma once

#include <cstdint>
#include <vector>

#include "ps/table.h"

namespace rookery::testing {

// Of a capture that was begun, from where it is to its end, by bucket.
inline std::vector<BucketRows> FinishCapture(Table& table, std::uint64_t t) {
  std::vector<BucketRows> buckets(table.end_bucket());
  while (!table.capture()->done()) {
    BucketRows& bucket = buckets[table.capture()->bucket()];
    while (!table.CaptureSome(&bucket)) {
    }
    table.CatchUpCopied(&bucket, t);
  }
  table.EndCapture();
  return buckets;
}

inline std::vector<BucketRows> CopyRows(Table& table, std::uint64_t t = 0) {
  table.BeginCapture(false);
  return FinishCapture(table, t);
}

}  // namespace rookery::testing
