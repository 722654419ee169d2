#include "models/seen_metrics.h"

#include <utility>

#include "common/check.h"
#include "models/metric_parts.h"

namespace rookery {
namespace {

constexpr std::uint32_t kMark = 0x4e454553U;  // "SEEN"

void Append(std::span<const float> values, std::size_t first, std::size_t count,
            std::vector<float>* to) {
  const std::span<const float> some = values.subspan(first, count);
  to->insert(to->end(), some.begin(), some.end());
}

}  // namespace

SeenMetrics::SeenMetrics(TaskKind task, std::size_t labels, std::size_t features)
    : groups_(2 * features, LabelMetrics(task, labels)) {}

void SeenMetrics::Add(std::size_t feature, std::span<const std::uint8_t> seen,
                      std::span<const float> scores, std::span<const float> labels,
                      std::span<const float> weights) {
  if (seen.empty()) return;
  ROOKERY_CHECK(scores.size() == labels.size() && scores.size() % seen.size() == 0);
  ROOKERY_CHECK(weights.empty() || weights.size() == seen.size());
  const std::size_t width = scores.size() / seen.size();
  for (std::uint8_t group = 0; group < 2; ++group) {
    chosen_.scores.clear();
    chosen_.labels.clear();
    chosen_.weights.clear();
    for (std::size_t i = 0; i < seen.size(); ++i) {
      if (seen[i] != group) continue;
      Append(scores, i * width, width, &chosen_.scores);
      Append(labels, i * width, width, &chosen_.labels);
      if (!weights.empty()) chosen_.weights.push_back(weights[i]);
    }
    groups_[2 * feature + group].Add(chosen_.scores, chosen_.labels, chosen_.weights);
  }
}

void SeenMetrics::Merge(const SeenMetrics& other) {
  ROOKERY_CHECK(groups_.size() == other.groups_.size());
  for (std::size_t i = 0; i < groups_.size(); ++i) groups_[i].Merge(other.groups_[i]);
}

std::string SeenMetrics::Encode(std::string all) const {
  if (groups_.empty()) return all;
  std::vector<std::string> parts = {std::move(all)};
  for (const LabelMetrics& group : groups_) parts.push_back(group.Encode());
  return JoinParts(kMark, parts);
}

bool SeenMetrics::Is(std::string_view bytes) {
  return HasMark(bytes, kMark);
}

StatusOr<SeenMetrics::Decoded> SeenMetrics::Decode(std::string_view bytes, TaskKind task,
                                                   std::size_t labels, std::size_t features) {
  ROOKERY_ASSIGN_OR_RETURN(const std::vector<std::string_view> parts,
                           SplitParts(bytes, 1 + 2 * features));
  Decoded decoded{std::string(parts[0]), SeenMetrics(task, labels, 0)};
  for (const std::string_view part : std::span(parts).subspan(1)) {
    ROOKERY_ASSIGN_OR_RETURN(LabelMetrics group, LabelMetrics::Decode(part, task, labels));
    decoded.seen.groups_.push_back(std::move(group));
  }
  return decoded;
}

}  // namespace rookery
