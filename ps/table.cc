#include "ps/table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "common/check.h"
#include "common/hash.h"
#include "common/prefetch.h"
#include "ps/updaters/gradient_front.h"

namespace rookery {
namespace {

constexpr std::size_t kLineFloats = 16;
constexpr std::size_t kPrefetchFloatsMax = 16 * kLineFloats;

void PrefetchRow(const float* row, std::size_t floats) {
  for (std::size_t i = 0; i < std::min(floats, kPrefetchFloatsMax); i += kLineFloats) {
    PrefetchToWrite(row + i);
  }
}

// A null row reads zeros. Dim: std::size_t or a std::integral_constant of it.
template <class Dim>
void CopyWeightsOf(std::span<float* const> rows, Dim dim, float* out) {
  for (const float* row : rows) {
    if (row != nullptr) {
      std::memcpy(out, row, dim * sizeof(float));
    } else {
      std::memset(out, 0, dim * sizeof(float));
    }
    out += dim;
  }
}

// A constant length makes a few moves of a copy; these are the usual ones.
void CopyWeights(std::span<float* const> rows, std::size_t dim, float* out) {
  switch (dim) {
    case 1:
      return CopyWeightsOf(rows, std::integral_constant<std::size_t, 1>(), out);
    case 8:
      return CopyWeightsOf(rows, std::integral_constant<std::size_t, 8>(), out);
    case 16:
      return CopyWeightsOf(rows, std::integral_constant<std::size_t, 16>(), out);
    case 17:
      return CopyWeightsOf(rows, std::integral_constant<std::size_t, 17>(), out);
    default:
      return CopyWeightsOf(rows, dim, out);
  }
}

unsigned BitsOf(std::uint32_t buckets) {
  ROOKERY_CHECK(buckets >= 2 && std::has_single_bit(buckets)) << buckets << " buckets";
  return static_cast<unsigned>(std::countr_zero(buckets));
}

}  // namespace

Table::Table(TableSpec spec, std::uint32_t buckets, std::uint32_t first_bucket,
             std::uint32_t end_bucket, MemoryBudget* budget)
    : spec_(std::move(spec)),
      first_bucket_(first_bucket),
      end_bucket_(end_bucket),
      bucket_bits_(BitsOf(buckets)),
      bucket_shift_(64 - bucket_bits_),
      updater_(MakeUpdater(spec_.updater)),
      initializer_(spec_),
      row_floats_(spec_.dim + updater_->StateFloats(spec_.dim)),
      store_(row_floats_),
      buckets_(end_bucket - first_bucket),
      budget_(budget) {
  ROOKERY_CHECK(first_bucket <= end_bucket && end_bucket <= buckets);
  ROOKERY_CHECK(spec_.dim >= 1 && spec_.dim <= kDimMax) << spec_.name << ": dim " << spec_.dim;
  std::vector<float> state(row_floats_ - spec_.dim);
  updater_->InitState(state);
  const bool zeros = std::ranges::all_of(state, [](float x) { return std::bit_cast<int>(x) == 0; });
  if (!zeros) initial_state_ = std::move(state);
  Count();
}

Table::~Table() = default;

bool Table::Owns(Key key) const {
  const std::uint64_t bucket = MixKey(key) >> bucket_shift_;
  return bucket >= first_bucket_ && bucket < end_bucket_;
}

// Keys ascend, so the first and the last stand for all; Locate checks the order.
void Table::CheckKeys(std::span<const Key> keys) const {
  if (keys.empty()) return;
  ROOKERY_CHECK(Owns(keys.front()) && Owns(keys.back()))
      << spec_.name << ": a key of a bucket that is not owned";
}

float* Table::AddRow(std::uint64_t mixed) {
  KeyIndex& index = IndexFor(mixed);
  if (!index.Reserve(std::uint64_t{index.size()} + 1, bucket_bits_, &arena_)) return nullptr;
  const std::uint32_t row = store_.Append();
  if (row == RowStore::kNone) return nullptr;
  index.Insert(mixed, row, bucket_bits_);
  return store_.Row(row);
}

Status Table::MakeAbsent(std::span<const Key> keys, Scratch* scratch) {
  constexpr std::size_t kNear = 8;  // what was looked up lies in the larger caches
  std::size_t made = 0;
  Status status;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i + kNear < keys.size()) {
      const std::uint64_t near = scratch->mixed[i + kNear];
      IndexFor(near).Prefetch(near, bucket_bits_);
    }
    if (scratch->rows[i] != nullptr) continue;
    float* const row = AdmitRow(scratch->mixed[i]);
    if (row == nullptr && budget_ == nullptr) {
      status = NoMemory();
      break;
    }
    if (row == nullptr) continue;
    scratch->rows[i] = row;
    scratch->made_keys[made] = keys[i];
    scratch->made_rows[made++] = row;
  }
  const std::span<float* const> rows = std::span(scratch->made_rows).first(made);
  initializer_.Fill(std::span(scratch->made_keys).first(made), rows);
  if (initial_state_.empty()) return status;
  for (float* const row : rows) std::ranges::copy(initial_state_, row + spec_.dim);
  return status;
}

Status Table::Locate(std::span<const Key> keys, bool create, Scratch* scratch) {
  std::uint64_t* const mixed = scratch->mixed.data();
  const auto prefetch = [&](std::size_t i) { IndexFor(mixed[i]).Prefetch(mixed[i], bucket_bits_); };
  bool ascending = true;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    mixed[i] = MixKey(keys[i]);
    ascending &= i == 0 || mixed[i - 1] < mixed[i];
  }
  ROOKERY_CHECK(ascending) << spec_.name << ": keys do not ascend by MixKey";
  bool absent = false;
  for (std::size_t i = 0; i < std::min(kAhead, keys.size()); ++i) prefetch(i);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (i + kAhead < keys.size()) prefetch(i + kAhead);
    const std::uint32_t row = IndexFor(mixed[i]).Find(mixed[i], bucket_bits_);
    const bool found = row != KeyIndex::kAbsent;
    scratch->rows[i] = found ? store_.Row(row) : nullptr;
    scratch->numbers[i] = row;  // rows that are made now are not looked for by number
    absent |= !found;
  }
  return absent && create ? MakeAbsent(keys, scratch) : OkStatus();
}

template <class Use, class UseNumbers>
Status Table::ForRows(std::span<const Key> keys, bool create, std::size_t floats_used,
                      const Use& use, const UseNumbers& use_numbers) {
  CheckKeys(keys);
  Scratch scratch;
  for (std::size_t begin = 0; begin < keys.size(); begin += kBatch) {
    const std::size_t count = std::min(kBatch, keys.size() - begin);
    ROOKERY_RETURN_IF_ERROR(Locate(keys.subspan(begin, count), create, &scratch));
    if (watched()) use_numbers(begin, std::span<const std::uint32_t>(scratch.numbers).first(count));
    UseRows(std::span(scratch.rows).first(count), floats_used,
            [&](std::size_t first, std::span<float* const> rows) { use(begin + first, rows); });
  }
  return OkStatus();
}

template <class Use>
void Table::UseRows(std::span<float* const> rows, std::size_t floats_used, const Use& use) {
  const auto prefetch = [&](std::size_t first) {
    const std::size_t end = std::min(first + kAhead, rows.size());
    for (std::size_t i = first; i < end; ++i) PrefetchRow(rows[i], floats_used);
  };
  prefetch(0);
  for (std::size_t i = 0; i < rows.size(); i += kAhead) {
    prefetch(i + kAhead);
    use(i, rows.subspan(i, std::min(kAhead, rows.size() - i)));
  }
}

Status Table::Pull(std::span<const Key> keys, bool create, std::uint64_t t, std::span<float> out) {
  ROOKERY_CHECK(out.size() == keys.size() * spec_.dim) << spec_.name;
  if (updater_->catches_up()) return PullCatchUp(keys, create, t, out);
  const std::size_t dim = spec_.dim;
  if (!create) {
    const auto copy = [&](std::size_t begin, std::span<float* const> rows) {
      CopyWeights(rows, dim, out.data() + begin * dim);
    };
    return ForRows(keys, false, dim, copy, [](std::size_t, std::span<const std::uint32_t>) {});
  }
  const RecentRows::Room kept = recent_.Remember(keys, watched());
  const auto copy = [&](std::size_t begin, std::span<float* const> rows) {
    CopyWeights(rows, dim, out.data() + begin * dim);
    std::ranges::copy(rows, kept.rows.data() + begin);
  };
  const auto copy_numbers = [&](std::size_t begin, std::span<const std::uint32_t> numbers) {
    std::ranges::copy(numbers, kept.numbers.data() + begin);
  };
  Status status = ForRows(keys, true, dim, copy, copy_numbers);
  if (!status.ok()) recent_.Forget();
  Count();
  return status;
}

Status Table::LocateAll(std::span<const Key> keys, bool create) {
  found_.resize(keys.size());
  const auto copy = [&](std::size_t begin, std::span<float* const> rows) {
    std::ranges::copy(rows, found_.begin() + static_cast<std::ptrdiff_t>(begin));
  };
  const auto before = [&](std::size_t begin, std::span<const std::uint32_t> numbers) {
    BeforeChange(keys.subspan(begin, numbers.size()), numbers);
  };
  return ForRows(keys, create, row_floats_, copy, before);
}

void Table::CatchUpFound(std::uint64_t t) {
  std::vector<float*> present;
  std::ranges::copy_if(found_, std::back_inserter(present),
                       [](const float* row) { return row != nullptr; });
  updater_->CatchUp(present, spec_.dim, t);
}

Status Table::PullCatchUp(std::span<const Key> keys, bool create, std::uint64_t t,
                          std::span<float> out) {
  ROOKERY_RETURN_IF_ERROR(LocateAll(keys, create));
  CatchUpFound(t);
  CopyWeights(found_, spec_.dim, out.data());
  return OkStatus();
}

Status Table::Push(std::span<const Key> keys, std::span<const float> gradients, UpdateStep step,
                   RefusedGradients* refused) {
  const std::size_t dim = spec_.dim;
  ROOKERY_CHECK(gradients.size() == keys.size() * dim) << spec_.name;
  if (Acceptable(gradients)) return PushAll(keys, gradients, step);
  // The slow way: key by key, without those that are refused.
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto gradient = gradients.subspan(i * dim, dim);
    if (Acceptable(gradient)) {
      ROOKERY_RETURN_IF_ERROR(PushAll(keys.subspan(i, 1), gradient, step));
      continue;
    }
    const std::size_t element = FirstUnacceptable(gradient);
    refused->Add(StrCat("table '", spec_.name, "' key ", keys[i], ": gradient element ", element,
                        " is ", gradient[element]));
  }
  return OkStatus();
}

Status Table::PushAll(std::span<const Key> keys, std::span<const float> gradients,
                      UpdateStep step) {
  const std::size_t dim = spec_.dim;
  if (updater_->catches_up()) {
    ROOKERY_RETURN_IF_ERROR(LocateAll(keys, true));
    Apply(found_, gradients, step);
    return OkStatus();
  }
  const auto apply = [&](std::size_t begin, std::span<float* const> rows) {
    Apply(rows, gradients.subspan(begin * dim, rows.size() * dim), step);
  };
  const RecentRows::Found known = recent_.Find(keys);
  if (known.rows.empty()) {
    const auto before = [&](std::size_t begin, std::span<const std::uint32_t> numbers) {
      BeforeChange(keys.subspan(begin, numbers.size()), numbers);
    };
    return ForRows(keys, true, row_floats_, apply, before);
  }
  if (watched()) BeforeChange(keys, known.numbers);
  UseRows(known.rows, row_floats_, apply);
  return OkStatus();
}

void Table::Clear() {
  const std::size_t count = buckets_.size();
  EndCapture();
  kept_.reset();
  if (changed_) changed_->Begin(0);
  recent_.Forget();
  buckets_.clear();
  buckets_.resize(count);
  arena_ = PageArena();
  store_ = RowStore(row_floats_);
  Count();
}

}  // namespace rookery
