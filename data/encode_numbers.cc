// The part of FeatureEncoder that reads numbers: of numeric columns, vectors and weights.
#include <algorithm>
#include <cmath>
#include <limits>

#include "data/feature_encoder.h"
#include "data/parse_number.h"

namespace rookery {

bool FeatureEncoder::AppendWeight(std::size_t column, std::string_view cell, Batch* batch) {
  std::string_view value = cell;
  std::string_view index;
  if (pairs_ && !cell.empty() && !SplitPair(column, cell, 0, &index, &value)) return false;
  float weight = 1;
  if (!value.empty() && !NumberOf(column, value, cell.size() - value.size(), &weight)) return false;
  if (weight < 0) {
    return Fail(column, 0, StrCat("weight ", weight, " is negative; it must be 0 or more"));
  }
  batch->weights.push_back(weight);
  return true;
}

bool FeatureEncoder::AppendNumeric(std::size_t column, std::string_view cell, Batch* batch) {
  float number = 0;
  if (!EncodeNumber(column, cell, &number)) return false;
  if (columns_[column].dense) batch->numeric.push_back(number);
  return true;
}

// raw_numbers_ gets the number as it is, *number the input.
bool FeatureEncoder::EncodeNumber(std::size_t column, std::string_view cell, float* number) {
  const ColumnPlan& plan = columns_[column];
  if (cell.empty()) {
    raw_numbers_[plan.numeric] = std::numeric_limits<float>::quiet_NaN();
    *number = plan.filled;
    return true;
  }
  std::string_view value = cell;
  std::string_view index;
  if (pairs_ && !SplitPair(column, cell, 0, &index, &value)) return false;
  float raw = 0;
  if (!NumberOf(column, value, cell.size() - value.size(), &raw)) return false;
  raw_numbers_[plan.numeric] = raw;
  *number = Transform(plan, raw);
  return true;
}

// Without a value: zeros.
bool FeatureEncoder::AppendVector(std::size_t column, std::string_view cell, Batch* batch) {
  const Column& spec = fitted_->schema.columns[column];
  const std::size_t first = batch->numeric.size();
  batch->numeric.resize(first + spec.dim, 0.0F);
  if (cell.empty()) return true;
  std::size_t found = 0;
  std::size_t begin = 0;
  while (begin <= cell.size()) {
    const std::size_t end = std::min(cell.find(spec.separator, begin), cell.size());
    if (found < spec.dim) {
      float* number = &batch->numeric[first + found];
      if (!NumberOf(column, cell.substr(begin, end - begin), begin, number)) return false;
    }
    ++found;
    begin = end + 1;
  }
  if (found == spec.dim) return true;
  return Fail(column, 0, StrCat(found, " numbers; a vector with dim = ", spec.dim, " has as many"));
}

bool FeatureEncoder::NumberOf(std::size_t column, std::string_view cell, std::size_t offset,
                              float* value) {
  switch (ParseFloat(cell, value)) {
    case NumberError::kNone:
      return true;
    case NumberError::kNotNumber:
      return Fail(column, offset,
                  StrCat(Shown(cell),
                         " is not a number; write one, or name it in data.missing if it means "
                         "\"no value\""));
    case NumberError::kNotFinite:
      return Fail(column, offset,
                  StrCat(Shown(cell), " is not a finite 32-bit number; write a finite one"));
  }
  return false;
}

}  // namespace rookery
