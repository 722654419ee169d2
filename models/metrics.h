// MetricSums: everything the metrics need, as sums that merge exactly: the metrics of N workers are
// those of one process, bit for bit, in any order.
//
// Sums of reals are kept in fixed point (2^-24) in 128-bit integers; the AUC histogram has the bins
// of models/score_bins.h. calibration = mean score / mean label.
// Owner    plain data. Threads: one at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"

namespace rookery {

enum class TaskKind : std::uint8_t { kBinary = 0, kRegression = 1 };

class MetricSums {
 public:
  explicit MetricSums(TaskKind task);

  // scores and labels are [B]; weights [B] or empty. Non-finite scores are counted, not added.
  void Add(std::span<const float> scores, std::span<const float> labels,
           std::span<const float> weights);
  void Merge(const MetricSums& other);
  void Clear();

  [[nodiscard]] TaskKind task() const { return task_; }
  [[nodiscard]] std::uint64_t examples() const { return examples_; }
  [[nodiscard]] std::uint64_t non_finite() const { return non_finite_; }
  // Binary: auc, logloss, ne (normalised entropy), calibration, accuracy, precision, recall, f1
  // (threshold 0.5), and calibration_1 to 10 and ece of models/calibration.h.
  // Regression: mse, rmse, mae. A metric without a meaning (AUC of one class) is absent.
  [[nodiscard]] std::map<std::string, double> Values() const;

  // Sparse bytes (only bins in use); Decode refuses what does not add up.
  [[nodiscard]] std::string Encode() const;
  [[nodiscard]] static StatusOr<MetricSums> Decode(std::string_view bytes);

 private:
  __extension__ using Wide = __int128;

  void AddSome(std::span<const float> scores, std::span<const float> labels,
               std::span<const float> weights);

  TaskKind task_;
  std::uint64_t examples_ = 0;
  std::uint64_t non_finite_ = 0;
  Wide weight_ = 0;  // all fixed point
  Wide loss_ = 0;    // binary: logloss; regression: squared error
  Wide absolute_error_ = 0;
  Wide score_ = 0;
  Wide label_ = 0;
  // Binary: weighted counts at threshold 0.5, and per bin (empty until the first Add).
  std::uint64_t true_positive_ = 0, false_positive_ = 0, true_negative_ = 0, false_negative_ = 0;
  std::vector<std::uint64_t> positive_bins_, negative_bins_;
};

// True when a larger value of the metric is better, also of models/grouped_auc.h and rankings; an
// unknown name is kInvalidInput with the list.
[[nodiscard]] StatusOr<bool> LargerIsBetter(const std::string& metric);

}  // namespace rookery
