// The bytes, little-endian: level:u32 entries:u32
//   { group:u64 bin:u32 positive:u64 negative:u64 }[entries], by ascending group and bin
#include "models/grouped_auc.h"

#include <algorithm>
#include <cmath>
#include <span>
#include <tuple>

#include "common/bytes.h"
#include "common/check.h"
#include "common/hash.h"
#include "models/score_bins.h"

namespace rookery {
namespace {

constexpr std::uint32_t kLevelMax = 64;  // keeps no group
constexpr std::size_t kFixedBytes = 4 + 4;
constexpr std::size_t kEntryBytes = 8 + 4 + 8 + 8;
constexpr std::size_t kCompactMin = 4096;

}  // namespace

bool GroupedAuc::Keeps(std::uint64_t group) const {
  return level_ == 0 || (level_ < kLevelMax && group >> (kLevelMax - level_) == 0);
}

void GroupedAuc::Add(Key group, double score, double label, double weight) {
  if (!std::isfinite(score) || !std::isfinite(label) || !std::isfinite(weight)) return;
  const std::uint64_t count = CountOfWeight(weight);
  const std::uint64_t mixed = MixKey(group);
  if (count == 0 || !Keeps(mixed)) return;
  const bool positive = label > 0.5;
  entries_.push_back({mixed, static_cast<std::uint32_t>(ScoreBinOf(score)), positive ? count : 0,
                      positive ? 0 : count});
  if (entries_.size() >= std::max(compact_at_, kCompactMin)) Compact();
}

void GroupedAuc::Merge(const GroupedAuc& other) {
  ROOKERY_CHECK(entries_max_ == other.entries_max_);
  level_ = std::max(level_, other.level_);
  entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end());
  Compact();
}

void GroupedAuc::DropOthers() {
  const auto end = std::ranges::partition_point(
      entries_, [this](const Entry& entry) { return Keeps(entry.group); });
  entries_.erase(end, entries_.end());
}

void GroupedAuc::Compact() {
  const auto place = [](const Entry& entry) { return std::tie(entry.group, entry.bin); };
  std::ranges::sort(entries_, {}, place);
  std::size_t kept = 0;
  for (const Entry& entry : entries_) {
    if (kept == 0 || place(entries_[kept - 1]) != place(entry)) {
      entries_[kept++] = entry;
      continue;
    }
    entries_[kept - 1].positive += entry.positive;
    entries_[kept - 1].negative += entry.negative;
  }
  entries_.resize(kept);
  for (DropOthers(); entries_.size() > entries_max_; DropOthers()) ++level_;
  compact_at_ = 2 * entries_.size();
}

GroupedAuc GroupedAuc::Compacted() const {
  GroupedAuc compacted = *this;
  compacted.Compact();
  return compacted;
}

std::map<std::string, double> GroupedAuc::Values() const {
  const GroupedAuc sums = Compacted();
  double weight_sum = 0, area_sum = 0;
  std::uint64_t groups = 0;
  for (auto entry = sums.entries_.begin(); entry != sums.entries_.end();) {
    AucSum auc;
    const std::uint64_t group = entry->group;
    for (; entry != sums.entries_.end() && entry->group == group; ++entry) {
      auc.Add(entry->positive, entry->negative);
    }
    if (auc.positives() == 0 || auc.negatives() == 0) continue;
    const double weight =
        static_cast<double>(auc.positives()) + static_cast<double>(auc.negatives());
    weight_sum += weight;
    area_sum += weight * auc.Value();
    ++groups;
  }
  std::map<std::string, double> values = {{"gauc_groups", static_cast<double>(groups)}};
  if (groups > 0) values["gauc"] = area_sum / weight_sum;
  return values;
}

std::string GroupedAuc::Encode() const {
  const GroupedAuc sums = Compacted();
  std::string bytes(kFixedBytes + sums.entries_.size() * kEntryBytes, '\0');
  ByteWriter writer(std::as_writable_bytes(std::span(bytes)));
  writer.Put(sums.level_);
  writer.Put(static_cast<std::uint32_t>(sums.entries_.size()));
  for (const Entry& entry : sums.entries_) {
    writer.Put(entry.group);
    writer.Put(entry.bin);
    writer.Put(entry.positive);
    writer.Put(entry.negative);
  }
  return bytes;
}

StatusOr<GroupedAuc> GroupedAuc::Decode(std::string_view bytes, std::size_t entries_max) {
  ByteReader reader(std::as_bytes(std::span(bytes)));
  if (bytes.size() < kFixedBytes) {
    return Corrupt("grouped AUC: ", bytes.size(), " bytes, at least ", kFixedBytes, " wanted");
  }
  GroupedAuc sums(entries_max);
  sums.level_ = reader.Get<std::uint32_t>();
  if (sums.level_ > kLevelMax) return Corrupt("grouped AUC: level ", sums.level_);
  const auto entries = reader.Get<std::uint32_t>();
  if (entries > entries_max || reader.remaining() != entries * kEntryBytes) {
    return Corrupt("grouped AUC: ", entries, " entries announced, ", reader.remaining(),
                   " bytes follow");
  }
  sums.entries_.reserve(entries);
  for (std::uint32_t i = 0; i < entries; ++i) {
    Entry entry{};
    entry.group = reader.Get<std::uint64_t>();
    entry.bin = reader.Get<std::uint32_t>();
    entry.positive = reader.Get<std::uint64_t>();
    entry.negative = reader.Get<std::uint64_t>();
    const bool in_order = i == 0 || std::tie(sums.entries_.back().group, sums.entries_.back().bin) <
                                        std::tie(entry.group, entry.bin);
    if (!in_order || entry.bin >= kScoreBins || !sums.Keeps(entry.group)) {
      return Corrupt("grouped AUC: entry ", i, " is out of order or range");
    }
    if ((entry.positive | entry.negative) == 0) {
      return Corrupt("grouped AUC: entry ", i, " counts nothing");
    }
    sums.entries_.push_back(entry);
  }
  ROOKERY_RETURN_IF_ERROR(reader.Finish("grouped AUC"));
  return sums;
}

}  // namespace rookery
