// Any bytes as the sums of metrics: what is accepted encodes to the same bytes and can be merged.
#include "common/check.h"
#include "models/label_metrics.h"
#include "models/ranking_metrics.h"
#include "models/seen_metrics.h"
#include "tests/fuzz/targets.h"

namespace rookery {

namespace {

bool TryRanking(std::string_view bytes) {
  StatusOr<RankingSums> sums = RankingSums::Decode(bytes);
  if (!sums.ok()) return false;
  ROOKERY_CHECK(sums->Encode() == bytes) << "other sums came out";
  sums->Merge(*RankingSums::Decode(bytes));
  (void)sums->Values();
  return true;
}

// Of two labels.
bool TrySeveral(std::string_view bytes) {
  const auto decode = [](std::string_view text) {
    return LabelMetrics::Decode(text, TaskKind::kBinary, 2);
  };
  StatusOr<LabelMetrics> sums = decode(bytes);
  if (!sums.ok()) return false;
  const std::string encoded = sums->Encode();
  const StatusOr<LabelMetrics> again = decode(encoded);
  ROOKERY_CHECK(again.ok() && again->Encode() == encoded) << "other sums came out";
  sums->Merge(*again);
  (void)sums->Values(std::vector<std::string>{"a", "b"});
  return true;
}

// Of one label and feature.
bool TrySeen(std::string_view bytes) {
  const auto decode = [](std::string_view text) {
    return SeenMetrics::Decode(text, TaskKind::kBinary, 1, 1);
  };
  StatusOr<SeenMetrics::Decoded> decoded = decode(bytes);
  if (!decoded.ok()) return false;
  const std::string encoded = decoded->seen.Encode(decoded->all);
  const StatusOr<SeenMetrics::Decoded> again = decode(encoded);
  ROOKERY_CHECK(again.ok() && again->seen.Encode(again->all) == encoded) << "others came out";
  decoded->seen.Merge(again->seen);
  return true;
}

}  // namespace

bool FuzzMetrics(FuzzBytes bytes) {
  if (RankingSums::Is(TextOfBytes(bytes))) return TryRanking(TextOfBytes(bytes));
  if (SeenMetrics::Is(TextOfBytes(bytes))) return TrySeen(TextOfBytes(bytes));
  StatusOr<MetricSums> sums = MetricSums::Decode(TextOfBytes(bytes));
  if (!sums.ok()) return TrySeveral(TextOfBytes(bytes));
  const std::string encoded = sums->Encode();
  // A bin that is named and empty is the one thing with two spellings.
  ROOKERY_CHECK(encoded.size() <= bytes.size());
  const StatusOr<MetricSums> again = MetricSums::Decode(encoded);
  ROOKERY_CHECK(again.ok() && again->Encode() == encoded) << "other sums came out";
  (void)sums->Values();
  sums->Merge(*again);
  (void)sums->Values();
  (void)MetricSums::Decode(sums->Encode()).ok();
  return true;
}

FuzzSeeds SeedsOfMetrics() {
  FuzzSeeds seeds;
  const std::vector<float> scores = {0.1F, 0.9F, 0.4F};
  const std::vector<float> labels = {0, 1, 1};
  for (const TaskKind task : {TaskKind::kBinary, TaskKind::kRegression}) {
    MetricSums sums(task);
    seeds.push_back(sums.Encode());
    sums.Add(scores, labels, {});
    seeds.push_back(sums.Encode());
  }
  LabelMetrics two(TaskKind::kBinary, 2);
  seeds.push_back(two.Encode());
  two.Add(std::vector<float>{0.1F, 0.2F, 0.9F, 0.3F}, std::vector<float>{0, 1, 1, 0}, {});
  seeds.push_back(two.Encode());
  FeatureColumn group;
  group.keys = {7, 7};
  two.AddGroups(std::vector<float>{0.1F, 0.2F, 0.9F, 0.3F}, std::vector<float>{0, 1, 1, 0}, {},
                group);
  seeds.push_back(two.Encode());
  SeenMetrics seen(TaskKind::kBinary, 1, 1);
  seeds.push_back(seen.Encode("of all"));
  seen.Add(0, std::vector<std::uint8_t>{1, 0, 1}, scores, labels, {});
  seeds.push_back(seen.Encode(""));
  RankingSums ranking;
  ranking.Add(std::vector<std::uint32_t>{1, 7}, 3);
  seeds.push_back(ranking.Encode());
  ranking.AddList(std::vector<std::uint32_t>{1, 2}, std::vector<std::uint32_t>{3, 2, 1}, 4);
  seeds.push_back(ranking.Encode());
  return seeds;
}

}  // namespace rookery
