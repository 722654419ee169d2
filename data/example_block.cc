#include "data/example_block.h"

#include <algorithm>
#include <limits>

#include "common/check.h"

namespace rookery {
namespace {

constexpr std::size_t kHeaderBytes = 16;

// Room for `count` more behind `used`; grows by doubling, so that few values are set twice.
template <class T>
void MakeRoom(std::size_t used, std::size_t count, std::vector<T>* values) {
  if (values->size() >= used + count) return;
  values->resize(std::max(used + count, 2 * used));
}

}  // namespace

BlockShape ShapeOf(const Schema& schema) {
  BlockShape shape;
  const FeatureLayout layout = LayoutOf(schema);
  shape.numeric_width = layout.numeric.size();
  shape.label_width = LabelsOf(schema).size();
  for (const Feature& feature : layout.features) shape.list.push_back(feature.list);
  shape.weights = std::any_of(schema.columns.begin(), schema.columns.end(),
                              [](const Column& c) { return c.type == ColumnType::kWeight; });
  return shape;
}

BlockEncoder::BlockEncoder(BlockShape shape, bool compress)
    : shape_(std::move(shape)), encoder_(compress) {}

Status BlockEncoder::Encode(const Batch& batch, std::vector<std::byte>* payload) {
  ROOKERY_CHECK(batch.numeric_width == shape_.numeric_width &&
                batch.label_width == shape_.label_width &&
                batch.features.size() == shape_.list.size());
  for (const FeatureColumn& feature : batch.features) {
    if (batch.examples <= kBlockExamplesMax && feature.keys.size() <= kBlockKeysMax) continue;
    return Status(Code::kExhausted,
                  "a chunk has too many values; use a smaller "
                  "data.chunk_examples");
  }
  payload->assign(AlignUp(kHeaderBytes + batch.features.size()), std::byte{0});
  ByteWriter fields(*payload);
  fields.Put(static_cast<std::uint32_t>(batch.examples));
  fields.Put(static_cast<std::uint32_t>(batch.numeric_width));
  fields.Put(static_cast<std::uint32_t>(batch.features.size()));
  fields.Put(static_cast<std::uint32_t>(batch.label_width - 1));
  for (const FeatureColumn& feature : batch.features) {
    fields.Put(static_cast<std::uint8_t>(feature.weights.empty() ? 0 : 1));
  }
  EncodeColumns(batch.labels, batch.label_width, payload);
  if (shape_.weights) encoder_.Encode(std::span(batch.weights), payload);
  EncodeColumns(batch.numeric, batch.numeric_width, payload);
  for (std::size_t f = 0; f < batch.features.size(); ++f) {
    EncodeFeature(batch.features[f], shape_.list[f], batch.examples, payload);
  }
  if (payload->size() <= kBlockBytesMax) return OkStatus();
  return Status(Code::kExhausted,
                "a chunk takes too many bytes; use a smaller "
                "data.chunk_examples");
}

// The columns of a matrix [examples, width], one after the other.
void BlockEncoder::EncodeColumns(const std::vector<float>& matrix, std::size_t width,
                                 std::vector<std::byte>* payload) {
  numbers_.resize(width == 0 ? 0 : matrix.size() / width);
  for (std::size_t column = 0; column < width; ++column) {
    for (std::size_t i = 0; i < numbers_.size(); ++i) numbers_[i] = matrix[i * width + column];
    encoder_.Encode(std::span<const float>(numbers_), payload);
  }
}

void BlockEncoder::EncodeFeature(const FeatureColumn& feature, bool list, std::size_t examples,
                                 std::vector<std::byte>* payload) {
  if (list) {
    lengths_.clear();
    for (std::size_t i = 0; i < examples; ++i) {
      lengths_.push_back(static_cast<std::uint32_t>(feature.End(i) - feature.Begin(i)));
    }
    encoder_.Encode(std::span<const std::uint32_t>(lengths_), payload);
  }
  encoder_.Encode(std::span(feature.keys), payload);
  if (!feature.weights.empty()) encoder_.Encode(std::span(feature.weights), payload);
}

BlockDecoder::BlockDecoder(BlockShape shape) : shape_(std::move(shape)) {}

void BlockDecoder::Begin(std::size_t examples, Batch* batch) {
  batch_ = batch;
  done_ = 0;
  keys_.assign(shape_.list.size(), 0);
  batch->examples = examples;
  batch->numeric_width = shape_.numeric_width;
  batch->label_width = shape_.label_width;
  batch->labels.resize(examples * shape_.label_width);
  batch->weights.resize(shape_.weights ? examples : 0);
  batch->numeric.resize(examples * shape_.numeric_width);
  batch->features.resize(shape_.list.size());
  for (std::size_t f = 0; f < shape_.list.size(); ++f) {
    FeatureColumn& feature = batch->features[f];
    feature.weights.clear();
    feature.offsets.resize(shape_.list[f] ? examples + 1 : 0);
    if (shape_.list[f]) {
      feature.offsets[0] = 0;
    } else {
      feature.keys.resize(examples);
    }
  }
}

Status BlockDecoder::Add(std::span<const std::byte> payload, std::size_t examples) {
  ROOKERY_CHECK(examples <= batch_->examples - done_);
  ByteReader in(payload);
  const std::size_t found = in.Get<std::uint32_t>();
  const std::size_t width = in.Get<std::uint32_t>();
  const std::size_t features = in.Get<std::uint32_t>();
  const std::size_t labels = std::size_t{1} + in.Get<std::uint32_t>();
  if (found != examples || width != shape_.numeric_width || features != shape_.list.size() ||
      labels != shape_.label_width) {
    return Corrupt("a block of ", found, " examples with ", width, " numbers, ", features,
                   " features and ", labels, " labels where ", examples, " with ",
                   shape_.numeric_width, ", ", shape_.list.size(), " and ", shape_.label_width,
                   " are due");
  }
  const std::span<const std::uint8_t> weighted = in.GetArray<std::uint8_t>(features);
  (void)in.GetArray<std::uint64_t>(0);  // the padding
  if (in.failed()) return Corrupt("a block of ", payload.size(), " bytes ends early");
  ROOKERY_RETURN_IF_ERROR(AddColumns(&in, examples, shape_.label_width, &batch_->labels));
  if (shape_.weights) {
    ROOKERY_RETURN_IF_ERROR(decoder_.Decode(&in, examples, batch_->weights.data() + done_));
  }
  ROOKERY_RETURN_IF_ERROR(AddColumns(&in, examples, width, &batch_->numeric));
  for (std::size_t f = 0; f < features; ++f) {
    ROOKERY_RETURN_IF_ERROR(AddFeature(&in, f, examples, weighted[f] != 0));
  }
  done_ += examples;
  return in.Finish("a block");
}

Status BlockDecoder::AddColumns(ByteReader* in, std::size_t examples, std::size_t width,
                                std::vector<float>* matrix) {
  float* const to = matrix->data() + done_ * width;
  for (std::size_t column = 0; column < width; ++column) {
    ROOKERY_RETURN_IF_ERROR(decoder_.Decode(in, examples, to + column, width));
  }
  return OkStatus();
}

Status BlockDecoder::AddFeature(ByteReader* in, std::size_t index, std::size_t examples,
                                bool weighted) {
  FeatureColumn& feature = batch_->features[index];
  std::size_t count = examples;
  if (shape_.list[index]) ROOKERY_RETURN_IF_ERROR(AddList(in, &feature, examples, &count));
  ROOKERY_RETURN_IF_ERROR(decoder_.Decode(in, count, feature.keys.data() + keys_[index]));
  ROOKERY_RETURN_IF_ERROR(AddWeights(in, index, count, weighted));
  keys_[index] += count;
  return OkStatus();
}

// The lengths become offsets in their place; `keys`: how many keys follow.
Status BlockDecoder::AddList(ByteReader* in, FeatureColumn* feature, std::size_t examples,
                             std::size_t* keys) {
  std::uint32_t* const offsets = feature->offsets.data() + done_;
  ROOKERY_RETURN_IF_ERROR(decoder_.Decode(in, examples, offsets + 1));
  const std::uint64_t begin = offsets[0];
  std::uint64_t end = begin;
  for (std::size_t i = 1; i <= examples; ++i) {
    end += offsets[i];
    if (end - begin > kBlockKeysMax || end > std::numeric_limits<std::uint32_t>::max()) {
      return Corrupt("a block's lists have more than ", kBlockKeysMax, " values");
    }
    offsets[i] = static_cast<std::uint32_t>(end);
  }
  *keys = static_cast<std::size_t>(end - begin);
  MakeRoom(static_cast<std::size_t>(begin), *keys, &feature->keys);
  return OkStatus();
}

Status BlockDecoder::AddWeights(ByteReader* in, std::size_t index, std::size_t count,
                                bool weighted) {
  std::vector<float>& weights = batch_->features[index].weights;
  if (!weighted && weights.empty()) return OkStatus();
  weights.resize(keys_[index], 1.0F);  // the blocks before had none
  weights.resize(keys_[index] + count, 1.0F);
  if (!weighted) return OkStatus();
  return decoder_.Decode(in, count, weights.data() + keys_[index]);
}

void BlockDecoder::Finish() {
  ROOKERY_CHECK(done_ == batch_->examples);
  for (std::size_t f = 0; f < shape_.list.size(); ++f) {
    if (shape_.list[f]) batch_->features[f].keys.resize(keys_[f]);
  }
}

}  // namespace rookery
