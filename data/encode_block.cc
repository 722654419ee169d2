// The part of FeatureEncoder that appends many examples, a column at a time: what to do is known
// before the loop, and the loop's steps do not wait for one another.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "common/hash_inline.h"
#include "data/feature_encoder.h"

namespace rookery {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::size_t kWordBytes = 8;

constexpr std::uint64_t Bytes(std::uint64_t byte) {
  return byte * 0x0101010101010101U;
}

// The whole number of 0 to 8 digits (0 for none); false for anything else. Without a branch on the
// number of digits, which no predictor guesses. REQUIRES: 8 readable bytes.
inline bool ParseDigits(const char* text, std::size_t count, std::uint64_t* number) {
  std::uint64_t word = 0;
  std::memcpy(&word, text, kWordBytes);
  // The digits to the last bytes, zeros before them.
  const std::uint64_t zeros = count < kWordBytes ? Bytes('0') >> (8 * count) : 0;
  word = count == 0 ? 0 : word << (8 * ((kWordBytes - count) % kWordBytes));
  word |= zeros;
  const bool digits = count <= kWordBytes && (word & Bytes(0xf0)) == Bytes('0') &&
                      ((word + Bytes(6)) & Bytes(0xf0)) == Bytes('0');
  word -= Bytes('0');
  word = (word * 10 + (word >> 8U)) & 0x00ff00ff00ff00ffU;
  word = (word * 100 + (word >> 16U)) & 0x0000ffff0000ffffU;
  *number = (word * 10000 + (word >> 32U)) & 0xffffffffU;
  return digits;
}

// "flatten": what hashes a few bytes becomes part of the loop.
[[gnu::flatten]] void HashCells(const std::string_view* cells, std::size_t stride, std::size_t rows,
                                std::uint64_t seed, Key* to) {
  for (std::size_t i = 0; i < rows; ++i) to[i] = HashTextInline(cells[i * stride], seed);
}

}  // namespace

bool FeatureEncoder::AppendBlock(const std::string_view* cells, std::size_t rows, Batch* batch) {
  if (rows == 0) return true;  // blank lines alone: there may be no cells to point at
  batch->numeric.resize((batch->examples + rows) * numeric_width_);
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    if (AppendColumn(column, cells + column, rows, batch)) continue;
    TruncateBatch(batch->examples, batch);
    return false;
  }
  batch->examples += rows;
  return true;
}

// The cells of the column are columns_.size() apart.
bool FeatureEncoder::AppendColumn(std::size_t column, const std::string_view* cells,
                                  std::size_t rows, Batch* batch) {
  const ColumnPlan& plan = columns_[column];
  if (plan.type == ColumnType::kIgnore) return true;
  if (plan.type == ColumnType::kNumeric) return AppendNumbers(column, cells, rows, batch);
  const std::size_t stride = columns_.size();
  if (plan.quick != Quick::kCategory) {
    for (std::size_t i = 0; i < rows; ++i) {
      if (!AppendCell(column, cells[i * stride], batch)) return false;
    }
    return true;
  }
  std::vector<Key>& keys = batch->features[plan.feature].keys;
  keys.resize(keys.size() + rows);
  Key* const to = keys.data() + keys.size() - rows;
  constexpr std::size_t kKeysOfLine = 64 / sizeof(Key);
  const std::size_t room = std::min(2 * rows, keys.capacity() - keys.size() + rows);
  for (std::size_t i = rows; i < room; i += kKeysOfLine) __builtin_prefetch(to + i, 1);
  HashCells(cells, stride, rows, plan.seed, to);
  return true;
}

bool FeatureEncoder::AppendNumbers(std::size_t column, const std::string_view* cells,
                                   std::size_t rows, Batch* batch) {
  constexpr std::array<char, kWordBytes> kNoText = {};
  const ColumnPlan& plan = columns_[column];
  const bool quick = plan.quick == Quick::kNumber;
  const bool logs = plan.transform == NumericTransform::kLog;
  const std::size_t stride = columns_.size();
  float unused = 0;
  float* to = plan.dense ? batch->numeric.data() + batch->examples * numeric_width_ + plan.dense_at
                         : &unused;
  for (std::size_t i = 0; i < rows; ++i, to += plan.dense ? numeric_width_ : 0) {
    const std::string_view cell = cells[i * stride];
    std::uint64_t number = 0;
    if (!quick || !ParseDigits(cell.empty() ? kNoText.data() : cell.data(), cell.size(), &number)) {
      const bool missing = !fitted_->schema.missing.empty() && IsMissing(cell);
      if (!EncodeNumber(column, missing ? std::string_view() : cell, to)) return false;
      continue;
    }
    float value = 0;
    if (logs && number < small_logs_.size()) {
      value = small_logs_[number];
    } else {
      value = Transform(plan, static_cast<float>(number));
    }
    *to = cell.empty() ? plan.filled : value;
  }
  return true;
}

}  // namespace rookery
