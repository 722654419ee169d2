#include "ps/table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "common/check.h"
#include "common/hash.h"
#include "ps/updaters/gradient_front.h"

namespace rookery {
namespace {

constexpr std::size_t kLineFloats = 16;
constexpr std::size_t kPrefetchFloatsMax = 16 * kLineFloats;

void PrefetchRow(const float* row, std::size_t floats) {
  for (std::size_t i = 0; i < std::min(floats, kPrefetchFloatsMax); i += kLineFloats) {
    __builtin_prefetch(row + i, 1);
  }
}

unsigned BitsOf(std::uint32_t buckets) {
  ROOKERY_CHECK(buckets >= 2 && std::has_single_bit(buckets)) << buckets << " buckets";
  return static_cast<unsigned>(std::countr_zero(buckets));
}

}  // namespace

Table::Table(TableSpec spec, std::uint32_t buckets, std::uint32_t first_bucket,
             std::uint32_t end_bucket)
    : spec_(std::move(spec)),
      first_bucket_(first_bucket),
      end_bucket_(end_bucket),
      bucket_bits_(BitsOf(buckets)),
      bucket_shift_(64 - bucket_bits_),
      updater_(MakeUpdater(spec_.updater)),
      initializer_(spec_),
      row_floats_(spec_.dim + updater_->StateFloats(spec_.dim)),
      shape_(row_floats_),
      arena_(std::make_unique<PageArena>()),
      buckets_(end_bucket - first_bucket) {
  ROOKERY_CHECK(first_bucket <= end_bucket && end_bucket <= buckets);
  ROOKERY_CHECK(spec_.dim >= 1 && spec_.dim <= kDimMax) << spec_.name << ": dim " << spec_.dim;
}

Table::~Table() = default;

std::uint64_t Table::bytes() const {
  return arena_->bytes() + buckets_.size() * sizeof(Bucket);
}

bool Table::Owns(Key key) const {
  const std::uint64_t bucket = MixKey(key) >> bucket_shift_;
  return bucket >= first_bucket_ && bucket < end_bucket_;
}

Status Table::NoMemory() const {
  return {Code::kExhausted,
          StrCat("table '", spec_.name, "': no memory for another row after ", rows_, " rows in ",
                 bytes() >> 20U, " MB; more servers or a smaller dim would help")};
}

// Keys ascend, so the first and the last stand for all.
void Table::CheckKeys(std::span<const Key> keys) const {
  if (keys.empty()) return;
  ROOKERY_CHECK(Owns(keys.front()) && Owns(keys.back()))
      << spec_.name << ": a key of a bucket that is not owned";
}

float* Table::Create(Bucket& bucket, Key key, std::uint64_t mixed) {
  float* row = bucket.Insert(mixed, bucket_bits_, shape_, arena_.get());
  if (row == nullptr) return nullptr;
  initializer_.Fill(key, {row, spec_.dim});
  updater_->InitState({row + spec_.dim, row_floats_ - spec_.dim});
  ++rows_;
  return row;
}

Status Table::Locate(std::span<const Key> keys, bool create, std::size_t floats_used,
                     std::span<float*> rows) {
  std::array<std::uint64_t, kBatch> mixed;
  bool ascending = true;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    mixed[i] = MixKey(keys[i]);
    ascending &= i == 0 || mixed[i - 1] < mixed[i];
  }
  ROOKERY_CHECK(ascending) << spec_.name << ": keys do not ascend by MixKey";
  for (std::size_t i = 0; i < keys.size(); ++i) {
    BucketFor(mixed[i]).index.Prefetch(mixed[i], bucket_bits_);
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    Bucket& bucket = BucketFor(mixed[i]);
    const std::uint32_t number = bucket.index.Find(mixed[i], bucket_bits_);
    if (number != KeyIndex::kAbsent) {
      rows[i] = bucket.slab.Row(number, shape_);
      PrefetchRow(rows[i], floats_used);
      continue;
    }
    rows[i] = create ? Create(bucket, keys[i], mixed[i]) : nullptr;
    if (create && rows[i] == nullptr) return NoMemory();
  }
  return OkStatus();
}

void Table::CopyWeights(std::span<float* const> rows, float* out) const {
  const std::size_t bytes = spec_.dim * sizeof(float);
  for (float* row : rows) {
    if (row != nullptr) {
      std::memcpy(out, row, bytes);
    } else {
      std::memset(out, 0, bytes);
    }
    out += spec_.dim;
  }
}

Status Table::Pull(std::span<const Key> keys, bool create, std::uint64_t t, std::span<float> out) {
  ROOKERY_CHECK(out.size() == keys.size() * spec_.dim) << spec_.name;
  CheckKeys(keys);
  if (updater_->catches_up()) return PullCatchUp(keys, create, t, out);
  std::array<float*, kBatch> rows;
  for (std::size_t begin = 0; begin < keys.size(); begin += kBatch) {
    const std::size_t count = std::min(kBatch, keys.size() - begin);
    const std::span<float*> found = std::span(rows).first(count);
    ROOKERY_RETURN_IF_ERROR(Locate(keys.subspan(begin, count), create, spec_.dim, found));
    CopyWeights(found, out.data() + begin * spec_.dim);
  }
  return OkStatus();
}

Status Table::PullCatchUp(std::span<const Key> keys, bool create, std::uint64_t t,
                          std::span<float> out) {
  found_.resize(keys.size());
  for (std::size_t begin = 0; begin < keys.size(); begin += kBatch) {
    const std::size_t count = std::min(kBatch, keys.size() - begin);
    ROOKERY_RETURN_IF_ERROR(Locate(keys.subspan(begin, count), create, row_floats_,
                                   std::span(found_).subspan(begin, count)));
  }
  std::vector<float*> present;
  std::copy_if(found_.begin(), found_.end(), std::back_inserter(present),
               [](const float* row) { return row != nullptr; });
  updater_->CatchUp(present, spec_.dim, t);
  CopyWeights(found_, out.data());
  return OkStatus();
}

Status Table::Push(std::span<const Key> keys, std::span<const float> gradients, std::uint64_t t,
                   RefusedGradients* refused) {
  ROOKERY_CHECK(gradients.size() == keys.size() * spec_.dim) << spec_.name;
  CheckKeys(keys);
  for (std::size_t begin = 0; begin < keys.size(); begin += kBatch) {
    const std::size_t count = std::min(kBatch, keys.size() - begin);
    const auto batch_keys = keys.subspan(begin, count);
    const auto batch = gradients.subspan(begin * spec_.dim, count * spec_.dim);
    ROOKERY_RETURN_IF_ERROR(Acceptable(batch) ? PushBatch(batch_keys, batch, t)
                                              : PushAcceptable(batch_keys, batch, t, refused));
  }
  return OkStatus();
}

Status Table::PushBatch(std::span<const Key> keys, std::span<const float> gradients,
                        std::uint64_t t) {
  std::array<float*, kBatch> rows;
  const std::span<float*> found = std::span(rows).first(keys.size());
  ROOKERY_RETURN_IF_ERROR(Locate(keys, true, row_floats_, found));
  updater_->Apply(found, gradients, spec_.dim, t);
  return OkStatus();
}

// The slow way for a batch with refused gradients: one row at a time.
Status Table::PushAcceptable(std::span<const Key> keys, std::span<const float> gradients,
                             std::uint64_t t, RefusedGradients* refused) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto gradient = gradients.subspan(i * spec_.dim, spec_.dim);
    if (Acceptable(gradient)) {
      ROOKERY_RETURN_IF_ERROR(PushBatch(keys.subspan(i, 1), gradient, t));
      continue;
    }
    const std::size_t element = FirstUnacceptable(gradient);
    refused->Add(StrCat("table '", spec_.name, "' key ", keys[i], ": gradient element ", element,
                        " is ", gradient[element]));
  }
  return OkStatus();
}

void Table::CatchUpAll(std::uint64_t t) {
  if (!updater_->catches_up()) return;
  for (const Bucket& bucket : buckets_) {
    found_.resize(bucket.slab.size());
    for (std::uint32_t i = 0; i < bucket.slab.size(); ++i) found_[i] = bucket.slab.Row(i, shape_);
    updater_->CatchUp(found_, spec_.dim, t);
  }
}

std::uint64_t Table::RowsOf(std::uint32_t bucket) const {
  ROOKERY_CHECK(bucket >= first_bucket_ && bucket < end_bucket_);
  return buckets_[bucket - first_bucket_].index.size();
}

void Table::CopyBucket(std::uint32_t bucket, BucketRows* out) const {
  ROOKERY_CHECK(bucket >= first_bucket_ && bucket < end_bucket_);
  const Bucket& from = buckets_[bucket - first_bucket_];
  out->keys.clear();
  out->rows.clear();
  for (const KeyIndex::Item& item : from.index.Sorted()) {
    const float* row = from.slab.Row(item.row, shape_);
    out->keys.push_back(UnmixKey(item.mixed));
    out->rows.insert(out->rows.end(), row, row + row_floats_);
  }
}

Status Table::InsertRow(Key key, std::span<const float> row) {
  ROOKERY_CHECK(row.size() == row_floats_) << spec_.name;
  const std::uint64_t mixed = MixKey(key);
  if (!Owns(key)) {
    return Corrupt("table '", spec_.name, "': key ", key, " is of bucket ", mixed >> bucket_shift_,
                   ", this server has ", first_bucket_, " to ", end_bucket_);
  }
  Bucket& bucket = BucketFor(mixed);
  if (bucket.index.Find(mixed, bucket_bits_) != KeyIndex::kAbsent) {
    return Corrupt("table '", spec_.name, "': key ", key, " comes twice");
  }
  float* place = bucket.Insert(mixed, bucket_bits_, shape_, arena_.get());
  if (place == nullptr) return NoMemory();
  std::copy(row.begin(), row.end(), place);
  ++rows_;
  return OkStatus();
}

void Table::Clear() {
  const std::size_t count = buckets_.size();
  buckets_.clear();
  buckets_.resize(count);
  arena_ = std::make_unique<PageArena>();
  rows_ = 0;
}

}  // namespace rookery
