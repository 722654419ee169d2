// LabelMetrics: MetricSums of each of K labels. An example without a label (NaN) counts for the
// others alone.
//
// Plain data; one thread at a time.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/metrics.h"

namespace rookery {

class LabelMetrics {
 public:
  // REQUIRES: labels > 0.
  LabelMetrics(TaskKind task, std::size_t labels);

  // scores and labels are [B, K], row-major; weights [B] or empty.
  void Add(std::span<const float> scores, std::span<const float> labels,
           std::span<const float> weights);
  // REQUIRES: the same task and K.
  void Merge(const LabelMetrics& other);
  void Clear();

  // Examples with any label: of that label that the most have.
  [[nodiscard]] std::uint64_t examples() const;
  // Those of the first label by their names; of another "LABEL:auc" and so on. `names`: K.
  [[nodiscard]] std::map<std::string, double> Values(std::span<const std::string> names) const;

  // With K = 1 the bytes of MetricSums. Decode refuses what is not of this task and K.
  [[nodiscard]] std::string Encode() const;
  [[nodiscard]] static StatusOr<LabelMetrics> Decode(std::string_view bytes, TaskKind task,
                                                     std::size_t labels);

 private:
  std::vector<MetricSums> sums_;                  // [K]
  std::vector<float> scores_, labels_, weights_;  // Add's, of one label
};

}  // namespace rookery
