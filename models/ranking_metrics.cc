// The bytes, little-endian: mark:u32 users:u64 (low:u64 high:u64)[21], by metric, then by cut;
// items:u64 listed:u64 (low:u64 high:u64) of surprise, covered:u64[(items + 63) / 64].
#include "models/ranking_metrics.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "common/bytes.h"
#include "common/check.h"
#include "models/wide_sum.h"

namespace rookery {
namespace {

using Wide = WideSum;

constexpr std::uint32_t kMark = 0x324b4e52;  // "RNK2"
constexpr double kScale = 0x1.0p40;
constexpr std::uint64_t kUsersMax = std::uint64_t{1} << 60U;
constexpr std::size_t kWordBits = 64;
constexpr std::size_t kListLength = 10;
constexpr int kSurpriseMax = 64;  // bits, of one item in 2^64 users
constexpr std::uint64_t kItemsMax = std::uint64_t{1} << 32U;
constexpr std::array kNames = {"recall", "precision", "hr", "mrr", "ndcg", "map", "f1"};
constexpr std::size_t kFixedBytes =
    4 + 8 + kNames.size() * RankingSums::kCuts.size() * 16 + 8 + 8 + 16;

std::size_t WordsOf(std::uint64_t items) {
  return static_cast<std::size_t>((items + kWordBits - 1) / kWordBits);
}

Wide ToFixed(double value) {
  return static_cast<Wide>(std::nearbyint(value * kScale));
}

double Gain(std::size_t rank) {
  return 1.0 / std::log2(static_cast<double>(rank) + 1.0);
}

// In the order of kNames.
std::array<double, kNames.size()> MetricsOf(std::span<const std::uint32_t> ranks,
                                            std::size_t wanted, std::uint32_t cut) {
  double gain = 0;
  double precisions = 0;
  std::size_t hits = 0;
  for (; hits < ranks.size() && ranks[hits] <= cut; ++hits) {
    gain += Gain(ranks[hits]);
    precisions += static_cast<double>(hits + 1) / static_cast<double>(ranks[hits]);
  }
  const std::size_t best = std::min<std::size_t>(wanted, cut);
  double best_gain = 0;
  for (std::size_t rank = 1; rank <= best; ++rank) best_gain += Gain(rank);
  const auto found = static_cast<double>(hits);
  return {found / static_cast<double>(wanted),
          found / static_cast<double>(cut),
          hits > 0 ? 1.0 : 0.0,
          hits > 0 ? 1.0 / static_cast<double>(ranks[0]) : 0.0,
          gain / best_gain,
          precisions / static_cast<double>(best),
          2.0 * found / static_cast<double>(cut + wanted)};
}

}  // namespace

void RankingSums::Add(std::span<const std::uint32_t> ranks, std::size_t wanted) {
  ROOKERY_CHECK(wanted > 0 && wanted >= ranks.size());
  ++users_;
  for (std::size_t c = 0; c < kCuts.size(); ++c) {
    const auto metrics = MetricsOf(ranks, wanted, kCuts[c]);
    for (std::size_t m = 0; m < kMetrics; ++m) sums_[m * kCuts.size() + c] += ToFixed(metrics[m]);
  }
}

void RankingSums::AddList(std::span<const std::uint32_t> best,
                          std::span<const std::uint32_t> users_of, std::size_t users) {
  items_ = users_of.size();
  covered_.resize(WordsOf(items_));
  for (const std::uint32_t item : best.first(std::min(best.size(), kListLength))) {
    ROOKERY_CHECK(item < users_of.size() && users_of[item] > 0 && users_of[item] <= users);
    covered_[item / kWordBits] |= std::uint64_t{1} << (item % kWordBits);
    surprise_ += ToFixed(std::log2(static_cast<double>(users) / users_of[item]));
    ++listed_;
  }
}

void RankingSums::Merge(const RankingSums& other) {
  users_ += other.users_;
  for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += other.sums_[i];
  items_ = std::max(items_, other.items_);
  listed_ += other.listed_;
  surprise_ += other.surprise_;
  covered_.resize(std::max(covered_.size(), other.covered_.size()));
  for (std::size_t i = 0; i < other.covered_.size(); ++i) covered_[i] |= other.covered_[i];
}

std::map<std::string, double> RankingSums::Values() const {
  std::map<std::string, double> values;
  if (users_ == 0) return values;
  const std::vector<std::string> names = RankingMetricNames();
  for (std::size_t i = 0; i < sums_.size(); ++i) {
    values[names[i]] = static_cast<double>(sums_[i]) / kScale / static_cast<double>(users_);
  }
  if (listed_ == 0) return values;
  std::size_t covered = 0;
  for (const std::uint64_t word : covered_) {
    covered += static_cast<std::size_t>(std::popcount(word));
  }
  values["coverage@10"] = static_cast<double>(covered) / static_cast<double>(items_);
  values["novelty@10"] = static_cast<double>(surprise_) / kScale / static_cast<double>(listed_);
  return values;
}

std::vector<std::string> RankingMetricNames() {
  std::vector<std::string> names;
  for (const char* name : kNames) {
    for (const std::uint32_t cut : RankingSums::kCuts) names.push_back(StrCat(name, "@", cut));
  }
  return names;
}

std::string RankingSums::Encode() const {
  std::string bytes(kFixedBytes + covered_.size() * sizeof(std::uint64_t), '\0');
  ByteWriter writer(std::as_writable_bytes(std::span(bytes)));
  writer.Put(kMark);
  writer.Put(users_);
  for (const Wide sum : sums_) PutWide(sum, &writer);
  writer.Put(items_);
  writer.Put(listed_);
  PutWide(surprise_, &writer);
  for (const std::uint64_t word : covered_) writer.Put(word);
  return bytes;
}

bool RankingSums::Is(std::string_view bytes) {
  if (bytes.size() < sizeof(kMark)) return false;
  ByteReader reader(std::as_bytes(std::span(bytes)));
  return reader.Get<std::uint32_t>() == kMark;
}

StatusOr<RankingSums> RankingSums::Decode(std::string_view bytes) {
  RankingSums sums;
  if (bytes.size() < kFixedBytes || !Is(bytes)) {
    return Corrupt("ranking metrics: ", bytes.size(), " bytes, not ", kFixedBytes,
                   " or more that begin with their mark");
  }
  ByteReader reader(std::as_bytes(std::span(bytes)));
  (void)reader.Get<std::uint32_t>();
  sums.users_ = reader.Get<std::uint64_t>();
  if (sums.users_ > kUsersMax) return Corrupt("ranking metrics: ", sums.users_, " users");
  // The ideal gain and a hit's are the same sum, so no user adds more than 1.
  const Wide most = static_cast<Wide>(sums.users_) << 40U;
  for (Wide& sum : sums.sums_) {
    sum = GetWide(&reader);
    if (sum < 0 || sum > most) return Corrupt("ranking metrics: a sum is out of range");
  }
  sums.items_ = reader.Get<std::uint64_t>();
  sums.listed_ = reader.Get<std::uint64_t>();
  sums.surprise_ = GetWide(&reader);
  if (sums.listed_ > kUsersMax || sums.surprise_ < 0 ||
      sums.surprise_ > (static_cast<Wide>(sums.listed_) << 40U) * kSurpriseMax) {
    return Corrupt("ranking metrics: a sum of lists is out of range");
  }
  if (sums.items_ == 0 && sums.listed_ > 0) return Corrupt("ranking metrics: lists of no items");
  if (sums.items_ > kItemsMax ||
      reader.remaining() != WordsOf(sums.items_) * sizeof(std::uint64_t)) {
    return Corrupt("ranking metrics: ", reader.remaining(), " bytes follow for ", sums.items_,
                   " items");
  }
  sums.covered_.resize(WordsOf(sums.items_));
  for (std::uint64_t& word : sums.covered_) word = reader.Get<std::uint64_t>();
  const std::size_t odd = sums.items_ % kWordBits;
  if (odd != 0 && (sums.covered_.back() >> odd) != 0) {
    return Corrupt("ranking metrics: an item past the last");
  }
  ROOKERY_RETURN_IF_ERROR(reader.Finish("ranking metrics"));
  return sums;
}

}  // namespace rookery
