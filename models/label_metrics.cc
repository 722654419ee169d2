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

void LabelMetrics::Merge(const LabelMetrics& other) {
  ROOKERY_CHECK(sums_.size() == other.sums_.size());
  for (std::size_t k = 0; k < sums_.size(); ++k) sums_[k].Merge(other.sums_[k]);
}

void LabelMetrics::Clear() {
  for (MetricSums& sums : sums_) sums.Clear();
}

std::uint64_t LabelMetrics::examples() const {
  std::uint64_t most = 0;
  for (const MetricSums& sums : sums_) most = std::max(most, sums.examples());
  return most;
}

std::map<std::string, double> LabelMetrics::Values(std::span<const std::string> names) const {
  ROOKERY_CHECK(names.size() == sums_.size());
  std::map<std::string, double> values = sums_[0].Values();
  for (std::size_t k = 1; k < sums_.size(); ++k) {
    for (const auto& [metric, value] : sums_[k].Values()) values[names[k] + ":" + metric] = value;
  }
  return values;
}

std::string LabelMetrics::Encode() const {
  if (sums_.size() == 1) return sums_[0].Encode();
  std::string bytes;
  const auto put = [&bytes](std::uint32_t number) {
    std::string field(sizeof(number), '\0');
    ByteWriter(std::as_writable_bytes(std::span(field))).Put(number);
    bytes += field;
  };
  put(kMark);
  for (const MetricSums& sums : sums_) {
    const std::string part = sums.Encode();
    put(static_cast<std::uint32_t>(part.size()));
    bytes += part;
  }
  return bytes;
}

StatusOr<LabelMetrics> LabelMetrics::Decode(std::string_view bytes, TaskKind task,
                                            std::size_t labels) {
  LabelMetrics metrics(task, labels);
  const auto decode = [&](std::string_view part, MetricSums* sums) -> Status {
    ROOKERY_ASSIGN_OR_RETURN(MetricSums decoded, MetricSums::Decode(part));
    if (decoded.task() != task) return Corrupt("metrics of another task");
    *sums = std::move(decoded);
    return OkStatus();
  };
  if (labels == 1) {
    ROOKERY_RETURN_IF_ERROR(decode(bytes, &metrics.sums_[0]));
    return metrics;
  }
  const auto take = [&bytes](std::size_t count) {
    const std::string_view taken = bytes.substr(0, count);
    bytes.remove_prefix(taken.size());
    return taken;
  };
  const auto number = [&take] {
    const std::string_view field = take(sizeof(std::uint32_t));
    if (field.size() < sizeof(std::uint32_t)) return std::uint32_t{0};
    return ByteReader(std::as_bytes(std::span(field))).Get<std::uint32_t>();
  };
  if (number() != kMark) return Corrupt("metrics: not of ", labels, " labels");
  for (MetricSums& sums : metrics.sums_) {
    const std::size_t size = number();
    if (size > bytes.size()) return Corrupt("metrics: they end early");
    ROOKERY_RETURN_IF_ERROR(decode(take(size), &sums));
  }
  if (!bytes.empty()) return Corrupt("metrics: ", bytes.size(), " bytes too many");
  return metrics;
}

}  // namespace rookery
