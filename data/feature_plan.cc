// The part of FeatureEncoder that runs once: what each column, bucket and cross needs.
#include <algorithm>
#include <cmath>
#include <string>

#include "common/check.h"
#include "common/hash.h"
#include "data/feature_encoder.h"

namespace rookery {
namespace {

constexpr std::size_t kSmallLogs = 4096;

float SignedLog(float value) {
  const double wide = value;
  return static_cast<float>(std::copysign(std::log1p(std::abs(wide)), wide));
}

std::size_t IndexOf(const std::vector<Feature>& features, const std::string& name) {
  const auto found = std::find_if(features.begin(), features.end(),
                                  [&](const Feature& feature) { return feature.name == name; });
  ROOKERY_CHECK(found != features.end()) << name;
  return static_cast<std::size_t>(found - features.begin());
}

}  // namespace

FeatureEncoder::FeatureEncoder(const FittedSchema* fitted, bool label_required)
    : fitted_(fitted),
      label_required_(label_required),
      pairs_(fitted->schema.format == InputFormat::kLibsvm),
      sequence_(fitted->schema.format == InputFormat::kSequence) {
  for (std::size_t i = 0; i < kSmallLogs; ++i) {
    small_logs_.push_back(SignedLog(static_cast<float>(i)));
  }
  label_width_ = LabelsOf(fitted->schema).size();
  PlanColumns();
  PlanBuckets();
  PlanCrosses();
}

void FeatureEncoder::Reserve(std::size_t examples, Batch* batch) const {
  batch->labels.reserve(examples * label_width_);
  batch->numeric.reserve(examples * numeric_width_);
  for (FeatureColumn& feature : batch->features) feature.keys.reserve(examples);
}

void FeatureEncoder::PlanColumns() {
  const Schema& schema = fitted_->schema;
  for (const Column& column : schema.columns) {
    ColumnPlan plan;
    plan.type = column.type;
    plan.identity = column.key == KeyKind::kIdentity;
    if (column.type == ColumnType::kCategorical || column.type == ColumnType::kList) {
      plan.feature = feature_count_++;
      plan.seed = HashText(column.space, schema.salt);
    }
    if (!pairs_ && schema.missing.empty()) {
      if (column.type == ColumnType::kNumeric) plan.quick = Quick::kNumber;
      if (column.type == ColumnType::kCategorical && !plan.identity) plan.quick = Quick::kCategory;
    }
    columns_.push_back(plan);
    if (column.type == ColumnType::kVector) {
      numeric_width_ += column.dim;
      vectors_ = true;
    }
    if (column.type != ColumnType::kNumeric) continue;
    PlanNumeric(columns_.size() - 1, raw_numbers_.size());
    columns_.back().dense_at = numeric_width_;
    raw_numbers_.push_back(0);
    if (column.input) ++numeric_width_;
  }
  first_bucket_ = feature_count_;
  feature_count_ += schema.buckets.size() + schema.crosses.size();
}

void FeatureEncoder::PlanNumeric(std::size_t column, std::size_t numeric) {
  const Column& spec = fitted_->schema.columns[column];
  ROOKERY_CHECK(numeric < fitted_->statistics.size());
  const NumericStatistics& statistics = fitted_->statistics[numeric];
  ColumnPlan& plan = columns_[column];
  plan.numeric = numeric;
  plan.dense = spec.input;
  plan.transform = spec.transform;
  if (spec.transform == NumericTransform::kMinMax) {
    plan.subtract = statistics.minimum;
    plan.divide = statistics.maximum - statistics.minimum;
  }
  if (spec.transform == NumericTransform::kStandard) {
    plan.subtract = statistics.mean;
    plan.divide = statistics.standard_deviation;
  }
  if (!(plan.divide > 0)) plan.divide = 1;  // a constant column becomes 0
  plan.filled = Transform(plan, spec.fill.value_or(static_cast<float>(statistics.mean)));
}

float FeatureEncoder::Transform(const ColumnPlan& plan, float value) const {
  switch (plan.transform) {
    case NumericTransform::kNone:
      return value;
    case NumericTransform::kLog: {
      // Negative zero compares equal to zero but is no index: its logarithm is -0.
      if (value >= 0 && value < static_cast<float>(kSmallLogs) && value == std::floor(value) &&
          !std::signbit(value)) {
        return small_logs_[static_cast<std::size_t>(value)];
      }
      return SignedLog(value);
    }
    case NumericTransform::kMinMax:
    case NumericTransform::kStandard:
      return static_cast<float>((static_cast<double>(value) - plan.subtract) / plan.divide);
  }
  return value;
}

void FeatureEncoder::PlanBuckets() {
  const Schema& schema = fitted_->schema;
  ROOKERY_CHECK(fitted_->bucket_boundaries.size() == schema.buckets.size());
  for (std::size_t i = 0; i < schema.buckets.size(); ++i) {
    const BucketFeature& bucket = schema.buckets[i];
    BucketPlan plan;
    for (std::size_t column = 0; column < columns_.size(); ++column) {
      if (schema.columns[column].name == bucket.column) plan.numeric = columns_[column].numeric;
    }
    plan.boundaries = fitted_->bucket_boundaries[i];
    const std::uint64_t seed = HashText(bucket.name, schema.salt);
    plan.missing_key = HashText("", seed);
    for (std::size_t index = 0; index <= plan.boundaries.size(); ++index) {
      plan.keys.push_back(HashText(std::to_string(index), seed));
    }
    buckets_.push_back(std::move(plan));
  }
}

void FeatureEncoder::PlanCrosses() {
  const FeatureLayout layout = LayoutOf(fitted_->schema);
  for (const Cross& cross : fitted_->schema.crosses) {
    CrossPlan plan;
    plan.seed = HashText(cross.name, fitted_->schema.salt);
    for (const std::string& part : cross.parts) {
      plan.parts.push_back(IndexOf(layout.features, part));
    }
    crosses_.push_back(std::move(plan));
  }
}

}  // namespace rookery
