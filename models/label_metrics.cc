#include "models/label_metrics.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/check.h"
#include "models/metric_parts.h"

namespace rookery {
namespace {

// Before the sums of several labels.
constexpr std::uint32_t kMark = 0x534c424cU;  // "LBLS"
// Before those with groups: what they would be without, then of each label its GroupedAuc.
constexpr std::uint32_t kGroupsMark = 0x53505247U;  // "GRPS"

}  // namespace

LabelMetrics::LabelMetrics(TaskKind task, std::size_t labels) : sums_(labels, MetricSums(task)) {
  ROOKERY_CHECK(labels > 0);
}

void LabelMetrics::Add(std::span<const float> scores, std::span<const float> labels,
                       std::span<const float> weights) {
  const std::size_t width = sums_.size();
  ROOKERY_CHECK(scores.size() == labels.size() && scores.size() % width == 0);
  ROOKERY_CHECK(weights.empty() || weights.size() * width == scores.size());
  const auto absent = [](float label) { return std::isnan(label); };
  if (width == 1 && std::ranges::none_of(labels, absent)) {
    return sums_[0].Add(scores, labels, weights);
  }
  for (std::size_t k = 0; k < width; ++k) {
    scores_.clear();
    labels_.clear();
    weights_.clear();
    for (std::size_t i = k; i < scores.size(); i += width) {
      if (absent(labels[i])) continue;
      scores_.push_back(scores[i]);
      labels_.push_back(labels[i]);
      if (!weights.empty()) weights_.push_back(weights[i / width]);
    }
    sums_[k].Add(scores_, labels_, weights_);
  }
}

void LabelMetrics::AddGroups(std::span<const float> scores, std::span<const float> labels,
                             std::span<const float> weights, const FeatureColumn& group) {
  const std::size_t width = sums_.size();
  ROOKERY_CHECK(scores.size() == labels.size() && scores.size() % width == 0);
  ROOKERY_CHECK(weights.empty() || weights.size() * width == scores.size());
  ROOKERY_CHECK(sums_[0].task() == TaskKind::kBinary);
  grouped_.resize(width);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const std::size_t example = i / width;
    if (group.Begin(example) == group.End(example)) continue;
    grouped_[i % width].Add(group.keys[group.Begin(example)], scores[i], labels[i],
                            weights.empty() ? 1.0F : weights[example]);
  }
}

void LabelMetrics::Merge(const LabelMetrics& other) {
  ROOKERY_CHECK(sums_.size() == other.sums_.size());
  for (std::size_t k = 0; k < sums_.size(); ++k) sums_[k].Merge(other.sums_[k]);
  grouped_.resize(std::max(grouped_.size(), other.grouped_.size()));
  for (std::size_t k = 0; k < other.grouped_.size(); ++k) grouped_[k].Merge(other.grouped_[k]);
}

void LabelMetrics::Clear() {
  for (MetricSums& sums : sums_) sums.Clear();
  grouped_.clear();
}

std::uint64_t LabelMetrics::examples() const {
  std::uint64_t most = 0;
  for (const MetricSums& sums : sums_) most = std::max(most, sums.examples());
  return most;
}

std::map<std::string, double> LabelMetrics::Values(std::span<const std::string> names) const {
  ROOKERY_CHECK(names.size() == sums_.size());
  std::map<std::string, double> values;
  for (std::size_t k = 0; k < sums_.size(); ++k) {
    std::map<std::string, double> own = sums_[k].Values();
    if (!grouped_.empty()) own.merge(grouped_[k].Values());
    for (const auto& [metric, value] : own) {
      values[k == 0 ? metric : names[k] + ":" + metric] = value;
    }
  }
  return values;
}

std::string LabelMetrics::EncodeSums() const {
  if (sums_.size() == 1) return sums_[0].Encode();
  std::vector<std::string> parts;
  for (const MetricSums& sums : sums_) parts.push_back(sums.Encode());
  return JoinParts(kMark, parts);
}

std::string LabelMetrics::Encode() const {
  if (grouped_.empty()) return EncodeSums();
  std::vector<std::string> parts = {EncodeSums()};
  for (const GroupedAuc& grouped : grouped_) parts.push_back(grouped.Encode());
  return JoinParts(kGroupsMark, parts);
}

Status LabelMetrics::DecodeSums(std::string_view bytes, TaskKind task) {
  const auto decode = [&](std::string_view part, MetricSums* sums) -> Status {
    ROOKERY_ASSIGN_OR_RETURN(MetricSums decoded, MetricSums::Decode(part));
    if (decoded.task() != task) return Corrupt("metrics of another task");
    *sums = std::move(decoded);
    return OkStatus();
  };
  if (sums_.size() == 1) return decode(bytes, &sums_[0]);
  if (!HasMark(bytes, kMark)) return Corrupt("metrics: not of ", sums_.size(), " labels");
  ROOKERY_ASSIGN_OR_RETURN(const std::vector<std::string_view> parts,
                           SplitParts(bytes, sums_.size()));
  for (std::size_t k = 0; k < sums_.size(); ++k) {
    ROOKERY_RETURN_IF_ERROR(decode(parts[k], &sums_[k]));
  }
  return OkStatus();
}

StatusOr<LabelMetrics> LabelMetrics::Decode(std::string_view bytes, TaskKind task,
                                            std::size_t labels) {
  LabelMetrics metrics(task, labels);
  if (!HasMark(bytes, kGroupsMark)) {
    ROOKERY_RETURN_IF_ERROR(metrics.DecodeSums(bytes, task));
    return metrics;
  }
  if (task != TaskKind::kBinary) return Corrupt("metrics: groups in a regression");
  ROOKERY_ASSIGN_OR_RETURN(const std::vector<std::string_view> parts,
                           SplitParts(bytes, 1 + labels));
  ROOKERY_RETURN_IF_ERROR(metrics.DecodeSums(parts[0], task));
  for (std::size_t k = 0; k < labels; ++k) {
    ROOKERY_ASSIGN_OR_RETURN(GroupedAuc grouped, GroupedAuc::Decode(parts[1 + k]));
    metrics.grouped_.push_back(std::move(grouped));
  }
  return metrics;
}

}  // namespace rookery
