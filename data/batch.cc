#include "data/batch.h"

#include "common/check.h"

namespace rookery {
namespace {

void AppendFeature(const FeatureColumn& from, const std::uint32_t* rows, std::size_t count,
                   std::size_t examples_before, FeatureColumn* to) {
  if (from.offsets.empty() && to->offsets.empty()) {
    for (std::size_t i = 0; i < count; ++i) to->keys.push_back(from.keys[rows[i]]);
  } else {
    if (to->offsets.empty()) {  // so far every example had one key
      for (std::size_t i = 0; i <= examples_before; ++i) {
        to->offsets.push_back(static_cast<std::uint32_t>(i));
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      to->keys.insert(to->keys.end(),
                      from.keys.begin() + static_cast<std::ptrdiff_t>(from.Begin(rows[i])),
                      from.keys.begin() + static_cast<std::ptrdiff_t>(from.End(rows[i])));
      to->offsets.push_back(static_cast<std::uint32_t>(to->keys.size()));
    }
  }
  if (from.weights.empty() && to->weights.empty()) return;
  std::size_t appended = 0;
  for (std::size_t i = 0; i < count; ++i) appended += from.End(rows[i]) - from.Begin(rows[i]);
  to->weights.resize(to->keys.size() - appended, 1.0F);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = from.Begin(rows[i]); k < from.End(rows[i]); ++k) {
      to->weights.push_back(from.Weight(k));
    }
  }
}

}  // namespace

void ClearLike(const Batch& like, Batch* batch) {
  batch->examples = 0;
  batch->numeric_width = like.numeric_width;
  batch->labels.clear();
  batch->weights.clear();
  batch->numeric.clear();
  batch->features.resize(like.features.size());
  for (FeatureColumn& feature : batch->features) {
    feature.keys.clear();
    feature.offsets.clear();
    feature.weights.clear();
  }
}

void AppendRows(const Batch& from, const std::uint32_t* rows, std::size_t count, Batch* batch) {
  ROOKERY_CHECK(from.numeric_width == batch->numeric_width &&
                from.features.size() == batch->features.size());
  const std::size_t width = from.numeric_width;
  for (std::size_t i = 0; i < count; ++i) {
    batch->labels.push_back(from.labels[rows[i]]);
    const float* numeric = from.numeric.data() + rows[i] * width;
    batch->numeric.insert(batch->numeric.end(), numeric, numeric + width);
  }
  if (!from.weights.empty() || !batch->weights.empty()) {
    batch->weights.resize(batch->examples, 1.0F);
    for (std::size_t i = 0; i < count; ++i) batch->weights.push_back(from.Weight(rows[i]));
  }
  for (std::size_t f = 0; f < from.features.size(); ++f) {
    AppendFeature(from.features[f], rows, count, batch->examples, &batch->features[f]);
  }
  batch->examples += count;
}

}  // namespace rookery
