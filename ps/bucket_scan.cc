#include "ps/bucket_scan.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rookery {

std::size_t FirstBadFloat(std::span<const float> values) {
  std::size_t bad = 0;
  for (const float value : values) bad += std::abs(value) <= kStoredFloatMax ? 0U : 1U;
  if (bad == 0) return values.size();
  const auto is_bad = [](float value) { return !(std::abs(value) <= kStoredFloatMax); };
  return static_cast<std::size_t>(std::ranges::find_if(values, is_bad) - values.begin());
}

BucketScan::BucketScan(TableSpec table, std::vector<std::unique_ptr<RowsFileReader>> files,
                       std::vector<Part> parts, std::size_t opaque)
    : table_(std::move(table)),
      files_(std::move(files)),
      parts_(std::move(parts)),
      opaque_(opaque) {}

Status BucketScan::Next(BucketRows* out) {
  const Part& part = parts_[next_];
  RowsFileReader& file = *files_[part.file];
  ROOKERY_RETURN_IF_ERROR(file.ReadBucket(part.entry, out));
  ROOKERY_RETURN_IF_ERROR(CheckNumbers(file, *out));
  ++next_;
  return OkStatus();
}

Status BucketScan::CheckNumbers(const RowsFileReader& file, const BucketRows& rows) const {
  const std::size_t row_floats = rows.rows.size() / rows.keys.size();
  const std::size_t numbers = row_floats - opaque_;
  if (opaque_ == 0 && FirstBadFloat(rows.rows) == rows.rows.size()) return OkStatus();
  for (std::size_t i = 0; i < rows.keys.size(); ++i) {
    const auto row = std::span(rows.rows).subspan(i * row_floats, numbers);
    const std::size_t bad = FirstBadFloat(row);
    if (bad == numbers) continue;
    return Corrupt(file.path(), ": table \"", table_.name, "\" key ", rows.keys[i], ": ",
                   bad < table_.dim ? "weight " : "state ",
                   bad < table_.dim ? bad : bad - table_.dim, " is ", row[bad]);
  }
  return OkStatus();
}

}  // namespace rookery
