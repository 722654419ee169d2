#include "launch/init_features.h"

#include <algorithm>
#include <cstddef>
#include <set>

namespace rookery {
namespace {

template <class T, class Name>
const T* Find(const std::vector<T>& all, const std::string& name, Name T::*member) {
  const auto found = std::ranges::find(all, name, member);
  return found == all.end() ? nullptr : &*found;
}

// The statistics of a numeric column; nullptr when there is none of that name.
template <class Fitted>
auto StatisticsOf(Fitted& fitted, const std::string& name) -> decltype(fitted.statistics.data()) {
  std::size_t numeric = 0;
  for (const Column& column : fitted.schema.columns) {
    if (column.type != ColumnType::kNumeric) continue;
    if (column.name == name) return &fitted.statistics[numeric];
    ++numeric;
  }
  return nullptr;
}

bool SameScale(const Column& column, const NumericStatistics& a, const NumericStatistics& b) {
  switch (column.transform) {
    case NumericTransform::kStandard:
      return a.mean == b.mean && a.standard_deviation == b.standard_deviation;
    case NumericTransform::kMinMax:
      return a.minimum == b.minimum && a.maximum == b.maximum;
    case NumericTransform::kNone:
    case NumericTransform::kLog:
      break;
  }
  return true;
}

std::string NumberChange(const FittedSchema& old, const FittedSchema& now,
                         const std::string& name) {
  const Column* before = Find(old.schema.columns, name, &Column::name);
  const Column* after = Find(now.schema.columns, name, &Column::name);
  if (before == nullptr || after == nullptr) return "";  // of a vector: as they are
  if (before->transform != after->transform) return "its numbers have another transform";
  if (!SameScale(*after, *StatisticsOf(old, name), *StatisticsOf(now, name))) {
    return "its numbers are scaled by other statistics";
  }
  return "";
}

const std::vector<float>* BoundariesOf(const FittedSchema& fitted, const std::string& name) {
  const auto& buckets = fitted.schema.buckets;
  const auto found = std::ranges::find(buckets, name, &BucketFeature::name);
  if (found == buckets.end()) return nullptr;
  return &fitted.bucket_boundaries[static_cast<std::size_t>(found - buckets.begin())];
}

// Of what the keys of a bucket or cross are made, beside their key space.
std::string DerivedChange(const FittedSchema& old, const FittedSchema& now,
                          const std::string& name) {
  const auto* bucket_before = Find(old.schema.buckets, name, &BucketFeature::name);
  const auto* bucket_after = Find(now.schema.buckets, name, &BucketFeature::name);
  const auto* cross_before = Find(old.schema.crosses, name, &Cross::name);
  const auto* cross_after = Find(now.schema.crosses, name, &Cross::name);
  if ((bucket_before == nullptr) != (bucket_after == nullptr) ||
      (cross_before == nullptr) != (cross_after == nullptr)) {
    return "it is made otherwise";
  }
  if (bucket_before != nullptr && (bucket_before->column != bucket_after->column ||
                                   *BoundariesOf(old, name) != *BoundariesOf(now, name))) {
    return "it has other boundaries";
  }
  if (cross_before != nullptr && cross_before->parts != cross_after->parts) {
    return "it crosses other parts";
  }
  return "";
}

std::string FeatureChange(const FittedSchema& old, const FittedSchema& now, const Feature& before,
                          const Feature& after) {
  if (before.key != after.key || before.space_seed != after.space_seed) {
    return "its keys are others (key, space or salt), so it does not find its rows";
  }
  if (before.tables != after.tables) return "its rows are in other tables";
  if (before.list != after.list) return "it is a list in one of them";
  return DerivedChange(old, now, before.name);
}

}  // namespace

std::vector<std::string> InputNames(const Schema& schema) {
  const FeatureLayout layout = LayoutOf(schema);
  std::vector<std::string> names;
  for (const Feature& feature : layout.features) names.push_back(feature.name);
  names.insert(names.end(), layout.numeric.begin(), layout.numeric.end());
  return names;
}

std::vector<FeatureInit> DiffFeatures(const FittedSchema& old, const FittedSchema& now) {
  using Change = FeatureInit::Change;
  const FeatureLayout before = LayoutOf(old.schema);
  const FeatureLayout after = LayoutOf(now.schema);
  std::vector<FeatureInit> changes;
  for (const Feature& feature : before.features) {
    const Feature* same = Find(after.features, feature.name, &Feature::name);
    const std::string why = same == nullptr ? "" : FeatureChange(old, now, feature, *same);
    if (same == nullptr) changes.push_back({feature.name, Change::kDropped, ""});
    if (!why.empty()) changes.push_back({feature.name, Change::kChanged, why});
  }
  for (const std::string& name : before.numeric) {
    if (std::ranges::find(after.numeric, name) == after.numeric.end()) {
      changes.push_back({name, Change::kDropped, ""});
      continue;
    }
    const std::string why = NumberChange(old, now, name);
    if (!why.empty()) changes.push_back({name, Change::kChanged, why});
  }
  const std::vector<std::string> known = InputNames(old.schema);
  for (const std::string& name : InputNames(now.schema)) {
    if (std::ranges::find(known, name) == known.end()) {
      changes.push_back({name, Change::kNew, ""});
    }
  }
  return changes;
}

FittedSchema KeepStatistics(const FittedSchema& old, FittedSchema fresh) {
  for (const Column& column : fresh.schema.columns) {
    if (column.type != ColumnType::kNumeric) continue;
    const NumericStatistics* known = StatisticsOf(old, column.name);
    if (known != nullptr) *StatisticsOf(fresh, column.name) = *known;
  }
  for (std::size_t i = 0; i < fresh.schema.buckets.size(); ++i) {
    const BucketFeature& bucket = fresh.schema.buckets[i];
    const BucketFeature* known = Find(old.schema.buckets, bucket.name, &BucketFeature::name);
    const bool same = known != nullptr && known->column == bucket.column &&
                      known->buckets == bucket.buckets && known->boundaries == bucket.boundaries;
    if (same) fresh.bucket_boundaries[i] = *BoundariesOf(old, bucket.name);
  }
  return fresh;
}

}  // namespace rookery
