// Example blocks: a Batch <-> the payload of one block of a prepared file, column by column
// (docs/prepared_format.md).
//
//   u32  examples              u8   per feature: 1 when its keys carry weights
//   u32  dense inputs          columns, each at a multiple of 8 (data/column_codec.h):
//   u32  features                labels, example weights if the schema has any, the dense inputs,
//   u32  labels after the first  per feature: lengths if it is a list, keys, weights if any
//
// Owner    both keep scratch space. Threads: none.
// Errors   kCorrupt says what is wrong; the caller adds file and offset. kExhausted: a block over
//          the limits below.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "data/batch.h"
#include "data/column_codec.h"
#include "data/schema.h"

namespace rookery {

inline constexpr std::size_t kBlockExamplesMax = std::size_t{1} << 24;
inline constexpr std::size_t kBlockKeysMax = std::size_t{1} << 26;  // of one feature
inline constexpr std::size_t kBlockBytesMax = std::size_t{1} << 30;

// The columns of every block of a schema.
struct BlockShape {
  std::size_t numeric_width = 0;
  std::size_t label_width = 1;
  bool weights = false;    // of examples
  std::vector<bool> list;  // per feature
};
[[nodiscard]] BlockShape ShapeOf(const Schema& schema);

class BlockEncoder {
 public:
  BlockEncoder(BlockShape shape, bool compress);
  // Replaces `payload`. REQUIRES: a batch read with the same schema.
  [[nodiscard]] Status Encode(const Batch& batch, std::vector<std::byte>* payload);

 private:
  void EncodeColumns(const std::vector<float>& matrix, std::size_t width,
                     std::vector<std::byte>* payload);
  void EncodeFeature(const FeatureColumn& feature, bool list, std::size_t examples,
                     std::vector<std::byte>* payload);

  const BlockShape shape_;
  ColumnEncoder encoder_;
  std::vector<float> numbers_;
  std::vector<std::uint32_t> lengths_;
};

// Puts blocks one behind the other into a batch, without a copy in between.
class BlockDecoder {
 public:
  explicit BlockDecoder(BlockShape shape);
  // Then `batch` is filled by Add calls of `examples` in total, and valid after Finish. What it
  // holds before does not matter, but its memory is used again.
  void Begin(std::size_t examples, Batch* batch);
  // REQUIRES: the payload is aligned to 8 bytes.
  [[nodiscard]] Status Add(std::span<const std::byte> payload, std::size_t examples);
  void Finish();

 private:
  Status AddColumns(ByteReader* in, std::size_t examples, std::size_t width,
                    std::vector<float>* matrix);
  Status AddFeature(ByteReader* in, std::size_t index, std::size_t examples, bool weighted);
  Status AddList(ByteReader* in, FeatureColumn* feature, std::size_t examples, std::size_t* keys);
  Status AddWeights(ByteReader* in, std::size_t index, std::size_t count, bool weighted);

  const BlockShape shape_;
  ColumnDecoder decoder_;
  Batch* batch_ = nullptr;
  std::size_t done_ = 0;           // examples
  std::vector<std::size_t> keys_;  // per feature, those done
};

}  // namespace rookery
