#include "models/label_metrics.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/bytes.h"
#include "common/check.h"

namespace rookery {
namespace {

// Before several: this, then of each label the number of its bytes, and they.
constexpr std::uint32_t kMark = 0x534c424cU;  // "LBLS"
// Before those with groups: this, the number of the bytes without them, and they; then of each
// label the number of bytes of its GroupedAuc, and they.
constexpr std::uint32_t kGroupsMark = 0x53505247U;  // "GRPS"

void PutNumber(std::uint32_t number, std::string* bytes) {
  std::string field(sizeof(number), '\0');
  ByteWriter(std::as_writable_bytes(std::span(field))).Put(number);
  *bytes += field;
}

void PutPart(std::string_view part, std::string* bytes) {
  PutNumber(static_cast<std::uint32_t>(part.size()), bytes);
  *bytes += part;
}

// Takes a number away; 0 when the bytes end before.
std::uint32_t TakeNumber(std::string_view* bytes) {
  const std::string_view field = bytes->substr(0, sizeof(std::uint32_t));
  bytes->remove_prefix(field.size());
  if (field.size() < sizeof(std::uint32_t)) return 0;
  return ByteReader(std::as_bytes(std::span(field))).Get<std::uint32_t>();
}

StatusOr<std::string_view> TakePart(std::string_view* bytes) {
  const std::size_t size = TakeNumber(bytes);
  if (size > bytes->size()) return Corrupt("metrics: they end early");
  const std::string_view part = bytes->substr(0, size);
  bytes->remove_prefix(size);
  return part;
}

Status AllTaken(std::string_view bytes) {
  if (bytes.empty()) return OkStatus();
  return Corrupt("metrics: ", bytes.size(), " bytes too many");
}

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
  std::string bytes;
  PutNumber(kMark, &bytes);
  for (const MetricSums& sums : sums_) PutPart(sums.Encode(), &bytes);
  return bytes;
}

std::string LabelMetrics::Encode() const {
  if (grouped_.empty()) return EncodeSums();
  std::string bytes;
  PutNumber(kGroupsMark, &bytes);
  PutPart(EncodeSums(), &bytes);
  for (const GroupedAuc& grouped : grouped_) PutPart(grouped.Encode(), &bytes);
  return bytes;
}

Status LabelMetrics::DecodeSums(std::string_view bytes, TaskKind task) {
  const auto decode = [&](std::string_view part, MetricSums* sums) -> Status {
    ROOKERY_ASSIGN_OR_RETURN(MetricSums decoded, MetricSums::Decode(part));
    if (decoded.task() != task) return Corrupt("metrics of another task");
    *sums = std::move(decoded);
    return OkStatus();
  };
  if (sums_.size() == 1) return decode(bytes, &sums_[0]);
  if (TakeNumber(&bytes) != kMark) return Corrupt("metrics: not of ", sums_.size(), " labels");
  for (MetricSums& sums : sums_) {
    ROOKERY_ASSIGN_OR_RETURN(const std::string_view part, TakePart(&bytes));
    ROOKERY_RETURN_IF_ERROR(decode(part, &sums));
  }
  return AllTaken(bytes);
}

StatusOr<LabelMetrics> LabelMetrics::Decode(std::string_view bytes, TaskKind task,
                                            std::size_t labels) {
  LabelMetrics metrics(task, labels);
  std::string_view rest = bytes;
  if (TakeNumber(&rest) != kGroupsMark) {
    ROOKERY_RETURN_IF_ERROR(metrics.DecodeSums(bytes, task));
    return metrics;
  }
  if (task != TaskKind::kBinary) return Corrupt("metrics: groups in a regression");
  ROOKERY_ASSIGN_OR_RETURN(const std::string_view sums, TakePart(&rest));
  ROOKERY_RETURN_IF_ERROR(metrics.DecodeSums(sums, task));
  for (std::size_t k = 0; k < labels; ++k) {
    ROOKERY_ASSIGN_OR_RETURN(const std::string_view part, TakePart(&rest));
    ROOKERY_ASSIGN_OR_RETURN(GroupedAuc grouped, GroupedAuc::Decode(part));
    metrics.grouped_.push_back(std::move(grouped));
  }
  ROOKERY_RETURN_IF_ERROR(AllTaken(rest));
  return metrics;
}

}  // namespace rookery
