// One column of a block <-> bytes. Part of the format of prepared files (docs/prepared_format.md).
//
// The encoder takes the smallest of three forms: the values as they are; each value's difference
// from the smallest, in as many bits as the largest needs; the distinct values, and for each place
// the index of its value in as few bits as will do. What zstd makes an eighth smaller still is
// compressed when asked for. Floats are kept bit by bit.
//
//   u8   form  0 raw, 1 packed, 2 dictionary      u32  distinct values (dictionary)
//   u8   bits  of a packed value or index         u32  bytes of the body in the file
//   u8   1 when the body is a zstd frame          u32  bytes of the body
//   u8   0                                        body, at the next multiple of 8
//
// Owner    both keep scratch space that only grows. Threads: none.
// Errors   kCorrupt says what is wrong; the caller adds file and offset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "common/bytes.h"
#include "common/error.h"
#include "io/block_codec.h"

namespace rookery {

class ColumnEncoder {
 public:
  explicit ColumnEncoder(bool compress) : compress_(compress) {}

  // Appends to `out`, whose size stays a multiple of 8. T: float, std::uint32_t, std::uint64_t.
  template <class T>
  void Encode(std::span<const T> values, std::vector<std::byte>* out);

 private:
  template <class T>
  bool FindDistinct(std::span<const T> values);
  template <class T>
  void FillBody(std::span<const T> values, std::size_t distinct_bytes, std::size_t packed_bytes);

  const bool compress_;
  unsigned bits_ = 0;
  std::uint64_t base_ = 0;
  std::uint8_t form_ = 0;
  std::vector<std::uint64_t> distinct_;
  std::vector<std::uint64_t> numbers_;  // per value: its index or its difference
  std::vector<std::uint32_t> slots_;    // hash table: 1 + index into distinct_
  std::vector<std::byte> body_;
  std::vector<std::byte> compressed_;
};

class ColumnDecoder {
 public:
  // values[i * stride] = value i, for i < count.
  template <class T>
  [[nodiscard]] Status Decode(ByteReader* in, std::size_t count, T* values, std::size_t stride = 1);

 private:
  std::vector<std::uint16_t> indices_;
  std::vector<std::byte> body_;
  BlockDecompressor decompressor_;
};

}  // namespace rookery
