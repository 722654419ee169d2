// Any bytes as a rows file of a checkpoint: as they are, and with the checksums made right.
#include <algorithm>

#include "common/hash.h"
#include "ps/rows_file.h"
#include "tests/fuzz/memory_disk.h"
#include "tests/fuzz/targets.h"

namespace rookery {
namespace {

constexpr RowsFileShape kShape{.buckets = 8, .row_floats = 3};

bool ReadAll(std::string_view content) {
  MemoryFileSystem files;
  PutFile(files, "x.rows", content);
  const StatusOr<std::unique_ptr<RowsFileReader>> reader =
      RowsFileReader::Open(files, "x.rows", kShape);
  if (!reader.ok()) return false;
  std::uint64_t rows = 0;
  bool whole = true;
  BucketRows bucket;
  for (const RowsFileEntry& entry : (*reader)->entries()) {
    rows += entry.rows;
    const Status status = (*reader)->ReadBucket(entry, &bucket);
    whole = whole && status.ok();
    if (!status.ok()) continue;
    ROOKERY_CHECK(bucket.keys.size() == entry.rows);
    ROOKERY_CHECK(bucket.rows.size() == bucket.keys.size() * kShape.row_floats);
    for (const Key key : bucket.keys) {
      ROOKERY_CHECK(Raw(BucketOf(key, kShape.buckets)) == entry.bucket);
    }
  }
  ROOKERY_CHECK(rows == (*reader)->rows());
  return whole;
}

std::string MakeFile(std::size_t keys_per_bucket, float step) {
  MemoryFileSystem files;
  auto writer = RowsFileWriter::Create(files, "x.rows", kShape, RowsCompression::kWhereItHelps);
  ROOKERY_CHECK(writer.ok());
  std::vector<BucketRows> buckets(kShape.buckets);
  for (Key key = 1; key <= keys_per_bucket * kShape.buckets; ++key) {
    buckets[Raw(BucketOf(key, kShape.buckets))].keys.push_back(key);
  }
  for (std::uint32_t bucket = 0; bucket < kShape.buckets; ++bucket) {
    BucketRows& rows = buckets[bucket];
    std::ranges::sort(rows.keys, {}, [](Key key) { return MixKey(key); });
    for (std::size_t i = 0; i < rows.keys.size() * kShape.row_floats; ++i) {
      rows.rows.push_back(static_cast<float>(i) * step);
    }
    ROOKERY_CHECK((*writer)->AddBucket(bucket, rows).ok());
  }
  ROOKERY_CHECK((*writer)->Finish().ok());
  return TakeFile(files, "x.rows");
}

}  // namespace

bool FuzzRowsFile(FuzzBytes bytes) {
  return ReadAll(TextOfBytes(bytes)) || ReadAll(WithRightChecksums(bytes));
}

FuzzSeeds SeedsOfRowsFile() {
  return {MakeFile(0, 0), MakeFile(1, 0.3F), MakeFile(20, 0)};  // the last one is compressed
}

}  // namespace rookery
