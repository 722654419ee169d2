#include "ps/bucket_scan.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/hash.h"
#include "ps/updater.h"

namespace rookery {
namespace {

// Appends the rows [begin, end) of `from`.
void Append(const BucketRows& from, std::size_t begin, std::size_t end, BucketRows* to) {
  const std::size_t row_floats = from.rows.size() / from.keys.size();
  const auto at = [](const auto& values, std::size_t i) {
    return values.begin() + static_cast<std::ptrdiff_t>(i);
  };
  to->keys.insert(to->keys.end(), at(from.keys, begin), at(from.keys, end));
  to->rows.insert(to->rows.end(), at(from.rows, begin * row_floats),
                  at(from.rows, end * row_floats));
}

// All rows of both, neither empty, ascending by MixKey; of a key in both the newer one.
void Merge(const BucketRows& newer, const BucketRows& older, BucketRows* out) {
  out->keys.clear();
  out->rows.clear();
  std::size_t done = 0;  // of older
  for (std::size_t i = 0; i < newer.keys.size(); ++i) {
    const std::uint64_t place = MixKey(newer.keys[i]);
    std::size_t end = done;
    while (end < older.keys.size() && MixKey(older.keys[end]) < place) ++end;
    Append(older, done, end, out);
    Append(newer, i, i + 1, out);
    done = end < older.keys.size() && older.keys[end] == newer.keys[i] ? end + 1 : end;
  }
  Append(older, done, older.keys.size(), out);
}

}  // namespace

std::size_t FirstBadFloat(std::span<const float> values) {
  std::size_t bad = 0;
  for (const float value : values) bad += std::abs(value) <= kStoredFloatMax ? 0U : 1U;
  if (bad == 0) return values.size();
  const auto is_bad = [](float value) { return !(std::abs(value) <= kStoredFloatMax); };
  return static_cast<std::size_t>(std::ranges::find_if(values, is_bad) - values.begin());
}

RowsForm RowsFormOf(const TableSpec& table, std::uint32_t buckets) {
  const std::unique_ptr<Updater> updater = MakeUpdater(table.updater);
  const std::size_t row_floats = table.dim + updater->StateFloats(table.dim);
  const std::size_t opaque = updater->catches_up() ? 1 : 0;
  return {{buckets, static_cast<std::uint32_t>(row_floats)}, opaque};
}

BucketScan::BucketScan(TableSpec table, std::vector<std::unique_ptr<RowsFileReader>> files,
                       std::vector<Part> parts, std::size_t opaque)
    : table_(std::move(table)),
      files_(std::move(files)),
      parts_(std::move(parts)),
      opaque_(opaque) {}

Status BucketScan::Next(BucketRows* out) {
  const std::uint32_t bucket = parts_[next_].entry.bucket;
  ROOKERY_RETURN_IF_ERROR(Read(parts_[next_], out));
  // From the newest to the oldest, since what comes first is small.
  std::size_t end = next_ + 1;
  for (; end < parts_.size() && parts_[end].entry.bucket == bucket; ++end) {
    ROOKERY_RETURN_IF_ERROR(Read(parts_[end], &older_));
    Merge(*out, older_, &merged_);
    std::swap(*out, merged_);
  }
  next_ = end;
  return OkStatus();
}

Status BucketScan::Read(const Part& part, BucketRows* out) {
  RowsFileReader& file = *files_[part.file];
  ROOKERY_RETURN_IF_ERROR(file.ReadBucket(part.entry, out));
  return CheckNumbers(file, *out);
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
