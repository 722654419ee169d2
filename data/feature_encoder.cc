#include "data/feature_encoder.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "common/check.h"
#include "common/hash.h"
#include "data/parse_number.h"

namespace rookery {
namespace {

constexpr std::size_t kKeysPerFeatureMax = std::numeric_limits<std::uint32_t>::max();
constexpr std::size_t kShownBytesMax = 40;

bool IsBlank(char character) {
  return character == ' ' || character == '\t';
}

// Weights are kept only from the first one that is not 1.
void AppendOccurrenceWeight(float weight, FeatureColumn* feature) {
  if (feature->weights.empty()) {
    if (weight == 1.0F) return;
    feature->weights.assign(feature->keys.size() - 1, 1.0F);
  }
  feature->weights.push_back(weight);
}

}  // namespace

void FeatureEncoder::Clear(Batch* batch) const {
  batch->examples = 0;
  batch->numeric_width = numeric_width_;
  batch->label_width = label_width_;
  batch->labels.clear();
  batch->weights.clear();
  batch->numeric.clear();
  batch->features.resize(feature_count_);
  for (FeatureColumn& feature : batch->features) {
    feature.keys.clear();
    feature.offsets.clear();
    feature.weights.clear();
  }
  for (const ColumnPlan& plan : columns_) {
    if (plan.type == ColumnType::kList) batch->features[plan.feature].offsets.push_back(0);
  }
}

bool FeatureEncoder::Append(std::span<const std::string_view> cells, Batch* batch) {
  ROOKERY_CHECK(cells.size() == columns_.size());
  for (std::size_t column = 0; column < cells.size(); ++column) {
    if (AppendQuick(columns_[column], cells[column], batch)) continue;
    if (AppendCell(column, cells[column], batch)) continue;
    TruncateBatch(batch->examples, batch);
    return false;
  }
  if (sequence_) batch->labels.push_back(1);
  AppendDerived(batch);
  ++batch->examples;
  return true;
}

// The usual cells without a call: hashed categories and short whole numbers. False for others.
inline bool FeatureEncoder::AppendQuick(const ColumnPlan& plan, std::string_view cell,
                                        Batch* batch) {
  if (plan.quick == Quick::kCategory) {
    batch->features[plan.feature].keys.push_back(HashText(cell, plan.seed));
    return true;
  }
  std::int64_t integer = 0;
  if (plan.quick != Quick::kNumber || !ParseShortInteger(cell, &integer)) return false;
  const auto number = static_cast<float>(integer);
  raw_numbers_[plan.numeric] = number;
  if (!plan.dense) return true;
  const bool known_log = plan.transform == NumericTransform::kLog &&
                         static_cast<std::uint64_t>(integer) < small_logs_.size();
  batch->numeric.push_back(known_log ? small_logs_[static_cast<std::size_t>(integer)]
                                     : Transform(plan, number));
  return true;
}

bool FeatureEncoder::AppendCell(std::size_t column, std::string_view cell, Batch* batch) {
  const ColumnPlan& plan = columns_[column];
  if (!fitted_->schema.missing.empty() && IsMissing(cell)) cell = {};
  switch (plan.type) {
    case ColumnType::kCategorical:
      return AppendCategory(column, cell, &batch->features[plan.feature]);
    case ColumnType::kNumeric:
      return AppendNumeric(column, cell, batch);
    case ColumnType::kList:
      return AppendList(column, cell, &batch->features[plan.feature]);
    case ColumnType::kLabel:
      return AppendLabel(column, cell, batch);
    case ColumnType::kWeight:
      return AppendWeight(column, cell, batch);
    case ColumnType::kVector:
      return AppendVector(column, cell, batch);
    case ColumnType::kIgnore:
      break;
  }
  return true;
}

bool FeatureEncoder::AppendLabel(std::size_t column, std::string_view cell, Batch* batch) {
  if (cell.empty()) {
    if (label_required_ && label_width_ == 1) {
      return Fail(column, 0, "the label is missing; every example needs one");
    }
    batch->labels.push_back(std::numeric_limits<float>::quiet_NaN());
    return true;
  }
  const std::vector<std::string>& positive = fitted_->schema.columns[column].positive;
  float label = 0;
  if (!positive.empty()) {
    label = std::ranges::find(positive, cell) != positive.end() ? 1.0F : 0.0F;
  } else if (!NumberOf(column, cell, 0, &label)) {
    return false;
  }
  if (label == -1.0F && fitted_->signed_labels) label = 0;
  batch->labels.push_back(label);
  return true;
}

bool FeatureEncoder::AppendCategory(std::size_t column, std::string_view cell,
                                    FeatureColumn* feature) {
  if (pairs_ && !cell.empty()) return AppendPair(column, cell, 0, feature);
  Key key = 0;
  if (!KeyOf(column, cell, 0, &key)) return false;
  feature->keys.push_back(key);
  if (!feature->weights.empty()) feature->weights.push_back(1.0F);
  return true;
}

bool FeatureEncoder::AppendList(std::size_t column, std::string_view cell, FeatureColumn* feature) {
  const Column& spec = fitted_->schema.columns[column];
  const std::size_t limit = spec.length_max;
  const bool first = limit > 0 && spec.keep == ListEnd::kFirst;
  const bool blanks = pairs_ || sequence_;
  std::size_t length = 0;
  std::size_t begin = 0;
  while (begin < cell.size() && !(first && length == limit)) {
    std::size_t end = begin;
    while (end < cell.size() && (blanks ? !IsBlank(cell[end]) : cell[end] != spec.separator)) {
      ++end;
    }
    std::string_view value = cell.substr(begin, end - begin);
    if (!value.empty()) {
      Key key = 0;
      if (pairs_) {
        if (!AppendPair(column, value, begin, feature)) return false;
      } else {
        if (!KeyOf(column, value, begin, &key)) return false;
        feature->keys.push_back(key);
      }
      ++length;
    }
    begin = end + 1;
  }
  if (limit > 0 && length > limit) DropFirstOfLast(length - limit, feature);
  if (feature->keys.size() > kKeysPerFeatureMax) {
    return Fail(column, 0, "more than 2^32 - 1 list values in one block; use a smaller chunk");
  }
  feature->offsets.push_back(static_cast<std::uint32_t>(feature->keys.size()));
  return true;
}

bool FeatureEncoder::AppendPair(std::size_t column, std::string_view pair, std::size_t offset,
                                FeatureColumn* feature) {
  std::string_view index;
  std::string_view value;
  if (!SplitPair(column, pair, offset, &index, &value)) return false;
  float weight = 1;
  if (value != "1" && !NumberOf(column, value, offset + pair.size() - value.size(), &weight)) {
    return false;
  }
  Key key = 0;
  if (!KeyOf(column, index, offset, &key)) return false;
  feature->keys.push_back(key);
  AppendOccurrenceWeight(weight, feature);
  return true;
}

bool FeatureEncoder::SplitPair(std::size_t column, std::string_view pair, std::size_t offset,
                               std::string_view* index, std::string_view* value) {
  const std::size_t colon = pair.find(':');
  std::uint64_t number = 0;
  if (colon == std::string_view::npos || colon + 1 == pair.size() ||
      !ParseIndex(pair.substr(0, colon), &number)) {
    return Fail(column, offset,
                StrCat(Shown(pair), " is not a pair; write index:value, the index a whole number"));
  }
  *index = pair.substr(0, colon);
  *value = pair.substr(colon + 1);
  return true;
}

void FeatureEncoder::AppendDerived(Batch* batch) {
  std::size_t feature = first_bucket_;
  for (const BucketPlan& plan : buckets_) {
    const float number = raw_numbers_[plan.numeric];
    const auto above = std::upper_bound(plan.boundaries.begin(), plan.boundaries.end(), number);
    const auto bucket = static_cast<std::size_t>(above - plan.boundaries.begin());
    batch->features[feature++].keys.push_back(std::isnan(number) ? plan.missing_key
                                                                 : plan.keys[bucket]);
  }
  for (const CrossPlan& plan : crosses_) {
    part_keys_.clear();
    for (const std::size_t part : plan.parts) {
      part_keys_.push_back(batch->features[part].keys.back());
    }
    batch->features[feature++].keys.push_back(
        HashBytes(std::as_bytes(std::span<const Key>(part_keys_)), plan.seed));
  }
}

bool FeatureEncoder::KeyOf(std::size_t column, std::string_view value, std::size_t offset,
                           Key* key) {
  const ColumnPlan& plan = columns_[column];
  if (!plan.identity || value.empty()) {
    *key = HashText(value, plan.seed);
    return true;
  }
  if (ParseIdentity(value, key)) return true;
  return Fail(column, offset,
              StrCat(Shown(value),
                     " is not a 64-bit integer, which key = \"identity\" needs; write one, or use "
                     "key = \"hash\""));
}

std::string FeatureEncoder::Shown(std::string_view text) {
  if (text.size() <= kShownBytesMax) return StrCat('"', text, '"');
  return StrCat('"', text.substr(0, kShownBytesMax), "...\"");
}

bool FeatureEncoder::IsMissing(std::string_view cell) const {
  return std::ranges::find(fitted_->schema.missing, cell) != fitted_->schema.missing.end();
}

bool FeatureEncoder::Fail(std::size_t column, std::size_t offset, std::string what) {
  error_.column = column;
  error_.offset = offset;
  error_.what = StrCat("column \"", fitted_->schema.columns[column].name, "\": ", what);
  return false;
}

}  // namespace rookery
