#include "data/batch.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/check.h"

namespace rookery {
namespace {

constexpr std::size_t kLineBytes = 64;

template <class T>
void Gather(const std::vector<T>& column, const std::uint32_t* rows, std::size_t count, T* to) {
  const T* const from = column.data();
  if (count > column.size() / 2) {  // most of it is wanted soon: in order it comes faster
    for (std::size_t i = 0; i < column.size(); i += kLineBytes / sizeof(T)) {
      __builtin_prefetch(from + i, 0, 2);
    }
  }
  for (std::size_t i = 0; i < count; ++i) to[i] = from[rows[i]];
}

// A call of memcpy for each row would take longer than the copy.
void CopyFloats(const float* from, std::size_t count, float* to) {
  constexpr std::size_t kStep = 4;
  if (count < kStep) {
    for (std::size_t i = 0; i < count; ++i) to[i] = from[i];
    return;
  }
  for (std::size_t i = 0; i + kStep < count; i += kStep) {
    std::memcpy(to + i, from + i, kStep * sizeof(float));
  }
  std::memcpy(to + count - kStep, from + count - kStep, kStep * sizeof(float));
}

void GatherWide(const float* from, std::size_t width, const std::uint32_t* rows, std::size_t count,
                float* to) {
  constexpr std::size_t kAhead = 16;
  for (std::size_t i = 0; i < count; ++i, to += width) {
    if (i + kAhead < count) __builtin_prefetch(from + rows[i + kAhead] * width);
    CopyFloats(from + rows[i] * width, width, to);
  }
}

void GatherLabels(const Batch& from, const std::uint32_t* rows, std::size_t count, float* to) {
  if (from.label_width == 1) {
    Gather(from.labels, rows, count, to);
  } else {
    GatherWide(from.labels.data(), from.label_width, rows, count, to);
  }
}

void GatherList(const FeatureColumn& from, const std::uint32_t* rows, std::size_t count,
                std::size_t at, FeatureColumn* to) {
  std::size_t end = to->keys.size();
  for (std::size_t i = 0; i < count; ++i) {
    end += from.End(rows[i]) - from.Begin(rows[i]);
    to->offsets[at + i + 1] = static_cast<std::uint32_t>(end);
  }
  to->keys.resize(end);
  Key* key = to->keys.data() + to->offsets[at];
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = from.Begin(rows[i]);
    key = std::copy_n(from.keys.data() + begin, from.End(rows[i]) - begin, key);
  }
}

// Behind those of the rows before; they are kept only from the first one that is not 1.
void GatherWeights(const FeatureColumn& from, const std::uint32_t* rows, std::size_t count,
                   std::size_t at, FeatureColumn* to) {
  if (from.weights.empty() && to->weights.empty()) return;
  to->weights.resize(to->Begin(at), 1.0F);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = from.Begin(rows[i]); k < from.End(rows[i]); ++k) {
      to->weights.push_back(from.Weight(k));
    }
  }
}

void CopyFeature(const FeatureColumn& from, std::size_t begin, std::size_t count, std::size_t at,
                 FeatureColumn* to) {
  ROOKERY_CHECK(from.offsets.empty() == to->offsets.empty());
  const std::size_t first = from.Begin(begin);
  const std::size_t keys = from.Begin(begin + count) - first;
  const std::size_t target = to->Begin(at);
  if (!from.offsets.empty()) {
    to->keys.resize(target + keys);
    for (std::size_t i = 1; i <= count; ++i) {
      to->offsets[at + i] = static_cast<std::uint32_t>(from.offsets[begin + i] - first + target);
    }
  }
  std::copy_n(from.keys.data() + first, keys, to->keys.data() + target);
  if (from.weights.empty() && to->weights.empty()) return;
  to->weights.resize(target, 1.0F);
  to->weights.resize(target + keys, 1.0F);
  if (!from.weights.empty()) {
    std::copy_n(from.weights.data() + first, keys, to->weights.data() + target);
  }
}

void CheckShape(const Batch& from, std::size_t at, std::size_t count, const Batch& batch) {
  ROOKERY_CHECK(from.numeric_width == batch.numeric_width &&
                from.label_width == batch.label_width &&
                from.features.size() == batch.features.size() && at + count <= batch.examples);
}

void ShapeFeatureLike(const FeatureColumn& like, std::size_t examples, FeatureColumn* feature) {
  const bool ragged = !like.offsets.empty();
  feature->weights.clear();
  feature->offsets.assign(ragged ? examples + 1 : 0, 0);
  feature->keys.resize(ragged ? 0 : examples);
}

void GatherFeature(const FeatureColumn& from, const std::uint32_t* rows, std::size_t count,
                   std::size_t at, FeatureColumn* to) {
  ROOKERY_CHECK(from.offsets.empty() == to->offsets.empty());
  if (from.offsets.empty()) {
    Gather(from.keys, rows, count, to->keys.data() + at);
  } else {
    GatherList(from, rows, count, at, to);
  }
  GatherWeights(from, rows, count, at, to);
}

}  // namespace

void ShapeLike(const Batch& like, std::size_t examples, Batch* batch) {
  batch->examples = examples;
  batch->numeric_width = like.numeric_width;
  batch->label_width = like.label_width;
  batch->labels.resize(examples * like.label_width);
  batch->weights.clear();
  batch->numeric.resize(examples * like.numeric_width);
  batch->features.resize(like.features.size());
  for (std::size_t f = 0; f < like.features.size(); ++f) {
    ShapeFeatureLike(like.features[f], examples, &batch->features[f]);
  }
}

void GatherRows(const Batch& from, const std::uint32_t* rows, std::size_t count, std::size_t at,
                Batch* batch) {
  CheckShape(from, at, count, *batch);
  const std::size_t width = from.numeric_width;
  GatherLabels(from, rows, count, batch->labels.data() + at * from.label_width);
  GatherWide(from.numeric.data(), width, rows, count, batch->numeric.data() + at * width);
  if (!from.weights.empty() || !batch->weights.empty()) {
    batch->weights.resize(at, 1.0F);
    for (std::size_t i = 0; i < count; ++i) batch->weights.push_back(from.Weight(rows[i]));
  }
  for (std::size_t f = 0; f < from.features.size(); ++f) {
    GatherFeature(from.features[f], rows, count, at, &batch->features[f]);
  }
}

void CopyRows(const Batch& from, std::size_t begin, std::size_t count, std::size_t at,
              Batch* batch) {
  CheckShape(from, at, count, *batch);
  const std::size_t width = from.numeric_width;
  std::copy_n(from.labels.data() + begin * from.label_width, count * from.label_width,
              batch->labels.data() + at * from.label_width);
  std::copy_n(from.numeric.data() + begin * width, count * width,
              batch->numeric.data() + at * width);
  if (!from.weights.empty() || !batch->weights.empty()) {
    batch->weights.resize(at, 1.0F);
    for (std::size_t i = 0; i < count; ++i) batch->weights.push_back(from.Weight(begin + i));
  }
  for (std::size_t f = 0; f < from.features.size(); ++f) {
    CopyFeature(from.features[f], begin, count, at, &batch->features[f]);
  }
}

void ReorderRows(const std::uint32_t* rows, std::size_t count, Batch* batch, Batch* scratch) {
  scratch->labels.resize(count * batch->label_width);
  GatherLabels(*batch, rows, count, scratch->labels.data());
  batch->labels.swap(scratch->labels);
  if (!batch->weights.empty()) {
    scratch->weights.resize(count);
    Gather(batch->weights, rows, count, scratch->weights.data());
    batch->weights.swap(scratch->weights);
  }
  scratch->numeric.resize(count * batch->numeric_width);
  GatherWide(batch->numeric.data(), batch->numeric_width, rows, count, scratch->numeric.data());
  batch->numeric.swap(scratch->numeric);
  scratch->features.resize(1);
  FeatureColumn& place = scratch->features[0];
  for (FeatureColumn& feature : batch->features) {
    ShapeFeatureLike(feature, count, &place);
    GatherFeature(feature, rows, count, 0, &place);
    std::swap(feature, place);
  }
  batch->examples = count;
}

void DropFirstOfLast(std::size_t count, FeatureColumn* feature) {
  const std::size_t begin = feature->offsets.back();
  const auto drop = [begin, count](auto* values) {
    const auto first = values->begin() + static_cast<std::ptrdiff_t>(begin);
    values->erase(first, first + static_cast<std::ptrdiff_t>(count));
  };
  drop(&feature->keys);
  if (!feature->weights.empty()) drop(&feature->weights);
}

void TruncateBatch(std::size_t examples, Batch* batch) {
  batch->examples = examples;
  batch->labels.resize(std::min(examples * batch->label_width, batch->labels.size()));
  batch->weights.resize(std::min(examples, batch->weights.size()));
  batch->numeric.resize(std::min(examples * batch->numeric_width, batch->numeric.size()));
  for (FeatureColumn& feature : batch->features) {
    std::size_t keys = examples;
    if (!feature.offsets.empty()) {
      feature.offsets.resize(std::min(examples + 1, feature.offsets.size()));
      keys = feature.offsets.back();
    }
    feature.keys.resize(std::min(keys, feature.keys.size()));
    feature.weights.resize(std::min(keys, feature.weights.size()));
  }
}

}  // namespace rookery
