// LabelMetrics: MetricSums of each of K labels, and GroupedAuc of each where examples have groups.
// An example without a label (NaN) counts for the others alone.
//
// Plain data; one thread at a time.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch.h"
#include "models/grouped_auc.h"
#include "models/metrics.h"

namespace rookery {

class LabelMetrics {
 public:
  // REQUIRES: labels > 0.
  LabelMetrics(TaskKind task, std::size_t labels);

  // scores and labels are [B, K], row-major; weights [B] or empty.
  void Add(std::span<const float> scores, std::span<const float> labels,
           std::span<const float> weights);
  // The same examples by groups: the group of an example is its first key of `group`; one without
  // is in none. REQUIRES: a binary task.
  void AddGroups(std::span<const float> scores, std::span<const float> labels,
                 std::span<const float> weights, const FeatureColumn& group);
  // REQUIRES: the same task and K.
  void Merge(const LabelMetrics& other);
  void Clear();

  // Examples with any label: of that label that the most have.
  [[nodiscard]] std::uint64_t examples() const;
  // Those of the first label by their names; of another "LABEL:auc" and so on. `names`: K.
  [[nodiscard]] std::map<std::string, double> Values(std::span<const std::string> names) const;

  // With K = 1 and no groups the bytes of MetricSums. Decode refuses what is not of this task and
  // K.
  [[nodiscard]] std::string Encode() const;
  [[nodiscard]] static StatusOr<LabelMetrics> Decode(std::string_view bytes, TaskKind task,
                                                     std::size_t labels);

 private:
  [[nodiscard]] std::string EncodeSums() const;
  [[nodiscard]] Status DecodeSums(std::string_view bytes, TaskKind task);

  std::vector<MetricSums> sums_;                  // [K]
  std::vector<GroupedAuc> grouped_;               // [K], or none
  std::vector<float> scores_, labels_, weights_;  // Add's, of one label
};

}  // namespace rookery
