#include "models/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "common/check.h"
#include "models/calibration.h"
#include "models/ranking_metrics.h"
#include "models/score_bins.h"

namespace rookery {
namespace {

__extension__ using Wide = __int128;

constexpr double kRealScale = 0x1.0p24;
// One contribution is held to this size, so that 2^40 of them cannot overflow 127 bits.
constexpr double kRealMax = 0x1.0p62;
// So many contributions below this size, scaled, cannot overflow 63 bits.
constexpr double kSmallMax = 0x1.0p50;
constexpr std::size_t kAddedAtOnce = std::size_t{1} << 12U;
// Keeps the logarithm of a saturated fp32 probability finite.
constexpr double kProbabilityMin = 1e-7;

Wide ToFixed(double value) {
  return static_cast<Wide>(std::nearbyint(std::clamp(value, -kRealMax, kRealMax) * kRealScale));
}

// Adds to 64 bits what is small, as nearly everything is: conversions to 128 bits are calls.
void AddFixed(double value, std::int64_t* small, Wide* large) {
  const double scaled = std::nearbyint(value * kRealScale);
  if (std::abs(scaled) < kSmallMax) {
    *small += static_cast<std::int64_t>(scaled);
  } else {
    *large += ToFixed(value);
  }
}

double Ratio(Wide numerator, Wide denominator) {
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

double Share(std::uint64_t part, std::uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

double LogLoss(double score, bool positive) {
  const double p = std::clamp(score, kProbabilityMin, 1.0 - kProbabilityMin);
  return -std::log(std::array{1.0 - p, p}[positive ? 1 : 0]);  // labels are hard to predict
}

// REQUIRES: both classes have weight.
double AreaUnderCurve(const std::vector<std::uint64_t>& positive,
                      const std::vector<std::uint64_t>& negative) {
  AucSum sum;
  for (std::size_t bin = 0; bin < positive.size(); ++bin) sum.Add(positive[bin], negative[bin]);
  return sum.Value();
}

// Log loss beside that of always saying the mean label (He et al. 2014).
void AddNormalizedEntropy(double mean_label, std::map<std::string, double>* values) {
  if (!(mean_label > 0 && mean_label < 1)) return;
  const double entropy =
      -mean_label * std::log(mean_label) - (1 - mean_label) * std::log(1 - mean_label);
  (*values)["ne"] = values->at("logloss") / entropy;
}

void AddCalibration(std::span<const std::uint64_t> positive,
                    std::span<const std::uint64_t> negative,
                    std::map<std::string, double>* values) {
  const std::array<Tenth, kTenths> tenths = TenthsOf(positive, negative);
  (*values)["ece"] = ExpectedCalibrationError(tenths);
  for (std::size_t t = 0; t < kTenths; ++t) {
    if (tenths[t].mean_label == 0) continue;
    (*values)[StrCat("calibration_", t + 1)] = tenths[t].mean_score / tenths[t].mean_label;
  }
}

struct MetricDirection {
  std::string_view name;
  bool larger_is_better;
};
constexpr std::array kDirections = {
    MetricDirection{"auc", true},       MetricDirection{"accuracy", true},
    MetricDirection{"precision", true}, MetricDirection{"recall", true},
    MetricDirection{"f1", true},        MetricDirection{"logloss", false},
    MetricDirection{"ne", false},       MetricDirection{"ece", false},
    MetricDirection{"mse", false},      MetricDirection{"rmse", false},
    MetricDirection{"mae", false},      MetricDirection{"gauc", true},
};

}  // namespace

MetricSums::MetricSums(TaskKind task) : task_(task) {}

void MetricSums::Clear() {
  *this = MetricSums(task_);
}

void MetricSums::Add(std::span<const float> scores, std::span<const float> labels,
                     std::span<const float> weights) {
  ROOKERY_CHECK(scores.size() == labels.size());
  ROOKERY_CHECK(weights.empty() || weights.size() == scores.size());
  const bool binary = task_ == TaskKind::kBinary;
  if (binary && positive_bins_.empty() && !scores.empty()) {
    positive_bins_.resize(kScoreBins);
    negative_bins_.resize(kScoreBins);
  }
  for (std::size_t begin = 0; begin < scores.size(); begin += kAddedAtOnce) {
    const std::size_t count = std::min(kAddedAtOnce, scores.size() - begin);
    AddSome(scores.subspan(begin, count), labels.subspan(begin, count),
            weights.empty() ? weights : weights.subspan(begin, count));
  }
}

void MetricSums::AddSome(std::span<const float> scores, std::span<const float> labels,
                         std::span<const float> weights) {
  const bool binary = task_ == TaskKind::kBinary;
  std::int64_t weight_sum = 0, score_sum = 0, label_sum = 0, error_sum = 0, loss_sum = 0;
  std::uint64_t added = 0;
  std::array<std::uint64_t, 4> counts{};  // [2 * positive + said positive]
  const std::array bins = {negative_bins_.data(), positive_bins_.data()};
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const double score = scores[i];
    const double label = labels[i];
    const double weight = weights.empty() ? 1.0 : weights[i];
    if (!std::isfinite(score) || !std::isfinite(label) || !std::isfinite(weight)) continue;
    ++added;
    AddFixed(weight, &weight_sum, &weight_);
    AddFixed(weight * score, &score_sum, &score_);
    AddFixed(weight * label, &label_sum, &label_);
    AddFixed(weight * std::abs(score - label), &error_sum, &absolute_error_);
    if (!binary) {
      AddFixed(weight * (score - label) * (score - label), &loss_sum, &loss_);
      continue;
    }
    const std::size_t positive = label > 0.5 ? 1 : 0;
    AddFixed(weight * LogLoss(score, positive != 0), &loss_sum, &loss_);
    const std::uint64_t count = CountOfWeight(weight);
    counts[2 * positive + (score >= 0.5 ? 1 : 0)] += count;
    bins[positive][ScoreBinOf(score)] += count;
  }
  examples_ += added;
  non_finite_ += scores.size() - added;
  weight_ += weight_sum;
  score_ += score_sum;
  label_ += label_sum;
  absolute_error_ += error_sum;
  loss_ += loss_sum;
  true_negative_ += counts[0];
  false_positive_ += counts[1];
  false_negative_ += counts[2];
  true_positive_ += counts[3];
}

void MetricSums::Merge(const MetricSums& other) {
  ROOKERY_CHECK(task_ == other.task_) << "metrics of two tasks do not merge";
  examples_ += other.examples_;
  non_finite_ += other.non_finite_;
  weight_ += other.weight_;
  loss_ += other.loss_;
  absolute_error_ += other.absolute_error_;
  score_ += other.score_;
  label_ += other.label_;
  true_positive_ += other.true_positive_;
  false_positive_ += other.false_positive_;
  true_negative_ += other.true_negative_;
  false_negative_ += other.false_negative_;
  if (other.positive_bins_.empty()) return;
  positive_bins_.resize(kScoreBins);
  negative_bins_.resize(kScoreBins);
  for (std::size_t bin = 0; bin < kScoreBins; ++bin) {
    positive_bins_[bin] += other.positive_bins_[bin];
    negative_bins_[bin] += other.negative_bins_[bin];
  }
}

std::map<std::string, double> MetricSums::Values() const {
  std::map<std::string, double> values;
  if (weight_ <= 0) return values;
  if (task_ == TaskKind::kRegression) {
    values["mse"] = Ratio(loss_, weight_);
    values["rmse"] = std::sqrt(values["mse"]);
    values["mae"] = Ratio(absolute_error_, weight_);
    return values;
  }
  values["logloss"] = Ratio(loss_, weight_);
  if (label_ > 0) values["calibration"] = Ratio(score_, label_);
  AddNormalizedEntropy(Ratio(label_, weight_), &values);
  const std::uint64_t positives = true_positive_ + false_negative_;
  const std::uint64_t negatives = true_negative_ + false_positive_;
  const std::uint64_t said_positive = true_positive_ + false_positive_;
  if (positives + negatives != 0) {
    AddCalibration(positive_bins_, negative_bins_, &values);
    values["accuracy"] = Share(true_positive_ + true_negative_, positives + negatives);
  }
  if (said_positive != 0) values["precision"] = Share(true_positive_, said_positive);
  if (positives != 0) values["recall"] = Share(true_positive_, positives);
  if (said_positive + positives != 0) {
    values["f1"] = 2.0 * Share(true_positive_, said_positive + positives);
  }
  if (positives != 0 && negatives != 0) {
    values["auc"] = AreaUnderCurve(positive_bins_, negative_bins_);
  }
  return values;
}

StatusOr<bool> LargerIsBetter(const std::string& metric) {
  std::string known;
  for (const std::string& name : RankingMetricNames()) {
    if (name == metric) return true;
  }
  for (const MetricDirection& direction : kDirections) {
    if (direction.name == metric) return direction.larger_is_better;
    known += known.empty() ? "" : ", ";
    known += direction.name;
  }
  for (const std::string& name : RankingMetricNames()) known += ", " + name;
  return InvalidInput("unknown metric '", metric, "'; known: ", known);
}

}  // namespace rookery
