#include "data/column_codec.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include "common/hash.h"
#include "data/bit_packing.h"

namespace rookery {
namespace {

enum Form : std::uint8_t { kRaw = 0, kPacked = 1, kDictionary = 2 };

constexpr std::size_t kColumnHeaderBytes = 16;
constexpr std::size_t kDistinctMax = std::size_t{1} << kIndexBitsMax;

template <class T>
using BitsOf = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

template <class T>
std::uint64_t ToBits(T value) {
  return std::bit_cast<BitsOf<T>>(value);
}
template <class T>
T FromBits(std::uint64_t bits) {
  return std::bit_cast<T>(static_cast<BitsOf<T>>(bits));
}

// A form other than raw must save a tenth, for it takes longer to read.
bool Saves(std::size_t bytes, std::size_t raw_bytes) {
  return bytes < raw_bytes - raw_bytes / 10;
}

// Doubled until it is twice as large as what it will hold.
std::size_t SlotsFor(std::size_t values) {
  return std::bit_ceil(2 * std::min(values, kDistinctMax) + 1);
}

}  // namespace

// Fills distinct_ in the order of first sight, and numbers_; false when there are too many for
// indices to pay.
template <class T>
bool ColumnEncoder::FindDistinct(std::span<const T> values) {
  const std::size_t worthwhile = values.size() - values.size() / 10;
  slots_.assign(SlotsFor(values.size()), 0);
  distinct_.clear();
  numbers_.resize(values.size());
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint64_t bits = ToBits(values[i]);
    std::size_t slot = static_cast<std::size_t>(MixKey(bits)) & mask;
    while (slots_[slot] != 0 && distinct_[slots_[slot] - 1] != bits) slot = (slot + 1) & mask;
    if (slots_[slot] == 0) {
      if (distinct_.size() == std::min(worthwhile, kDistinctMax)) return false;
      distinct_.push_back(bits);
      slots_[slot] = static_cast<std::uint32_t>(distinct_.size());
    }
    numbers_[i] = slots_[slot] - 1;
  }
  return true;
}

template <class T>
void ColumnEncoder::FillBody(std::span<const T> values, std::size_t distinct_bytes,
                             std::size_t packed_bytes) {
  body_.clear();
  if (form_ == kRaw) {
    body_.resize(values.size_bytes());
    if (!values.empty()) std::memcpy(body_.data(), values.data(), values.size_bytes());
    return;
  }
  if (form_ == kDictionary) {
    body_.resize(distinct_bytes + packed_bytes);
    for (std::size_t i = 0; i < distinct_.size(); ++i) {
      const auto bits = static_cast<BitsOf<T>>(distinct_[i]);
      std::memcpy(body_.data() + i * sizeof(T), &bits, sizeof(T));
    }
    PackBits(numbers_, bits_, body_.data() + distinct_bytes);
    return;
  }
  for (std::size_t i = 0; i < values.size(); ++i) numbers_[i] = ToBits(values[i]) - base_;
  body_.resize(sizeof(base_) + packed_bytes);
  std::memcpy(body_.data(), &base_, sizeof(base_));
  PackBits(numbers_, bits_, body_.data() + sizeof(base_));
}

template <class T>
void ColumnEncoder::Encode(std::span<const T> values, std::vector<std::byte>* out) {
  std::uint64_t largest = 0;
  base_ = values.empty() ? 0 : ~std::uint64_t{0};
  for (const T value : values) {
    base_ = std::min(base_, ToBits(value));
    largest = std::max(largest, ToBits(value));
  }
  const bool few = FindDistinct(values);
  const auto range_bits = static_cast<unsigned>(std::bit_width(largest - base_));
  const auto index_bits =
      few && !distinct_.empty() ? static_cast<unsigned>(std::bit_width(distinct_.size() - 1)) : 0U;
  const std::size_t distinct_bytes = AlignUp(distinct_.size() * sizeof(T));
  const std::size_t packed_size = sizeof(base_) + PackedBytes(values.size(), range_bits);
  const std::size_t dictionary_size = distinct_bytes + PackedBytes(values.size(), index_bits);
  form_ = kRaw;
  bits_ = 0;
  if (range_bits <= kPackedBitsMax && Saves(packed_size, values.size_bytes()) &&
      (!few || packed_size <= dictionary_size)) {
    form_ = kPacked;
    bits_ = range_bits;
  } else if (few && Saves(dictionary_size, values.size_bytes())) {
    form_ = kDictionary;
    bits_ = index_bits;
  }
  FillBody(values, distinct_bytes, PackedBytes(values.size(), bits_));

  bool compressed = false;
  if (compress_) {
    CompressBlock(body_, compressed_);
    compressed = compressed_.size() < body_.size() - body_.size() / 8;
  }
  const std::span<const std::byte> stored = compressed ? compressed_ : body_;
  const std::size_t begin = out->size();
  out->resize(begin + kColumnHeaderBytes + AlignUp(stored.size()));
  ByteWriter fields(std::span<std::byte>(*out).subspan(begin));
  fields.Put(form_);
  fields.Put(static_cast<std::uint8_t>(bits_));
  fields.Put(static_cast<std::uint8_t>(compressed ? 1 : 0));
  fields.Put(std::uint8_t{0});
  fields.Put(static_cast<std::uint32_t>(form_ == kDictionary ? distinct_.size() : 0));
  fields.Put(static_cast<std::uint32_t>(stored.size()));
  fields.Put(static_cast<std::uint32_t>(body_.size()));
  fields.PutArray(stored);
}

template <class T>
Status ColumnDecoder::Decode(ByteReader* in, std::size_t count, T* values, std::size_t stride) {
  const auto form = in->Get<std::uint8_t>();
  const unsigned bits = in->Get<std::uint8_t>();
  const auto compressed = in->Get<std::uint8_t>();
  const auto zero = in->Get<std::uint8_t>();
  const std::size_t distinct = in->Get<std::uint32_t>();
  const std::size_t stored_bytes = in->Get<std::uint32_t>();
  const std::size_t body_bytes = in->Get<std::uint32_t>();
  std::span<const std::byte> body = in->GetArray<std::byte>(stored_bytes);
  (void)in->GetArray<std::uint64_t>(0);  // the padding
  if (in->failed() || form > kDictionary || compressed > 1 || zero != 0) {
    return Corrupt("the header of a column is wrong");
  }
  const unsigned bits_max = form == kPacked ? kPackedBitsMax : form == kRaw ? 0 : kIndexBitsMax;
  const std::size_t head_bytes = form == kPacked       ? sizeof(std::uint64_t)
                                 : form == kDictionary ? AlignUp(distinct * sizeof(T))
                                                       : 0;
  const std::size_t due = form == kRaw ? count * sizeof(T) : head_bytes + PackedBytes(count, bits);
  if (bits > bits_max || distinct > kDistinctMax || body_bytes != due ||
      (compressed == 0 && stored_bytes != body_bytes)) {
    return Corrupt("a column has ", body_bytes, " bytes where ", due, " are due");
  }
  if (compressed == 1) {
    if (body_.size() < body_bytes) body_.resize(body_bytes);
    ROOKERY_RETURN_IF_ERROR(decompressor_.Decompress(body, std::span(body_).first(body_bytes)));
    body = std::span<const std::byte>(body_).first(body_bytes);
  }
  const std::byte* const packed = body.data() + head_bytes;
  if (form == kRaw) {
    if (stride == 1 && count > 0) {
      std::memcpy(values, body.data(), body_bytes);
    } else {
      for (std::size_t i = 0; i < count; ++i) {
        std::memcpy(values + i * stride, body.data() + i * sizeof(T), sizeof(T));
      }
    }
    return OkStatus();
  }
  if (form == kPacked) {
    std::uint64_t base = 0;
    std::memcpy(&base, body.data(), sizeof(base));
    for (std::size_t i = 0; i < count; ++i) {
      values[i * stride] = FromBits<T>(base + UnpackOne(packed, i, bits));
    }
    return OkStatus();
  }
  if (indices_.size() < count + 8) indices_.resize(count + 8);
  UnpackIndices(packed, bits, count, indices_.data());
  const std::uint16_t* const indices = indices_.data();
  std::uint16_t largest = 0;
  for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, indices[i]);
  if (count > 0 && largest >= distinct) return Corrupt("a column has an index past its values");
  const T* const dictionary = reinterpret_cast<const T*>(body.data());
  if (stride == 1) {
    for (std::size_t i = 0; i < count; ++i) values[i] = dictionary[indices[i]];
  } else {
    for (std::size_t i = 0; i < count; ++i) values[i * stride] = dictionary[indices[i]];
  }
  return OkStatus();
}

template void ColumnEncoder::Encode(std::span<const float>, std::vector<std::byte>*);
template void ColumnEncoder::Encode(std::span<const std::uint32_t>, std::vector<std::byte>*);
template void ColumnEncoder::Encode(std::span<const std::uint64_t>, std::vector<std::byte>*);
template Status ColumnDecoder::Decode(ByteReader*, std::size_t, float*, std::size_t);
template Status ColumnDecoder::Decode(ByteReader*, std::size_t, std::uint32_t*, std::size_t);
template Status ColumnDecoder::Decode(ByteReader*, std::size_t, std::uint64_t*, std::size_t);

}  // namespace rookery
