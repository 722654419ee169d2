// The bytes of MetricSums, little-endian:
//   version:u32 task:u8 examples:u64 non_finite:u64
//   (low:u64 high:u64) of weight, loss, absolute error, score, label
//   true_positive:u64 false_positive:u64 true_negative:u64 false_negative:u64
//   bins:u32 { index:u32 positive:u64 negative:u64 }[bins], only bins in use, by ascending index
#include <array>

#include "models/metrics.h"
#include "models/score_bins.h"
#include "models/wide_sum.h"

namespace rookery {
namespace {

using Wide = WideSum;

constexpr std::uint32_t kVersion = 1;
// No honest sum comes near; a hostile one must not overflow when it is merged.
constexpr Wide kSumMax = Wide{1} << 120;
constexpr std::size_t kBinBytes = 4 + 8 + 8;
constexpr std::size_t kFixedBytes = 4 + 1 + 2 * 8 + 5 * 16 + 4 * 8 + 4;

}  // namespace

std::string MetricSums::Encode() const {
  std::uint32_t bins = 0;
  for (std::size_t i = 0; i < positive_bins_.size(); ++i) {
    if ((positive_bins_[i] | negative_bins_[i]) != 0) ++bins;
  }
  std::string bytes(kFixedBytes + bins * kBinBytes, '\0');
  ByteWriter writer(std::as_writable_bytes(std::span(bytes)));
  writer.Put(kVersion);
  writer.Put(task_);
  writer.Put(examples_);
  writer.Put(non_finite_);
  for (const Wide sum : {weight_, loss_, absolute_error_, score_, label_}) PutWide(sum, &writer);
  for (const std::uint64_t count :
       {true_positive_, false_positive_, true_negative_, false_negative_}) {
    writer.Put(count);
  }
  writer.Put(bins);
  for (std::size_t i = 0; i < positive_bins_.size(); ++i) {
    if ((positive_bins_[i] | negative_bins_[i]) == 0) continue;
    writer.Put(static_cast<std::uint32_t>(i));
    writer.Put(positive_bins_[i]);
    writer.Put(negative_bins_[i]);
  }
  return bytes;
}

StatusOr<MetricSums> MetricSums::Decode(std::string_view bytes) {
  ByteReader reader(std::as_bytes(std::span(bytes)));
  if (bytes.size() < kFixedBytes) {
    return Corrupt("metrics: ", bytes.size(), " bytes, at least ", kFixedBytes, " wanted");
  }
  const auto version = reader.Get<std::uint32_t>();
  if (version != kVersion) {
    return Corrupt("metrics: version ", version, ", this build reads ", kVersion);
  }
  const auto task = reader.Get<std::uint8_t>();
  if (task > static_cast<std::uint8_t>(TaskKind::kRegression)) {
    return Corrupt("metrics: unknown task ", static_cast<unsigned>(task));
  }
  MetricSums sums(static_cast<TaskKind>(task));
  sums.examples_ = reader.Get<std::uint64_t>();
  sums.non_finite_ = reader.Get<std::uint64_t>();
  for (Wide* sum :
       {&sums.weight_, &sums.loss_, &sums.absolute_error_, &sums.score_, &sums.label_}) {
    *sum = GetWide(&reader);
    if (*sum > kSumMax || *sum < -kSumMax) return Corrupt("metrics: a sum is out of range");
  }
  for (std::uint64_t* count :
       {&sums.true_positive_, &sums.false_positive_, &sums.true_negative_, &sums.false_negative_}) {
    *count = reader.Get<std::uint64_t>();
  }
  const auto bins = reader.Get<std::uint32_t>();
  if (bins > kScoreBins || reader.remaining() != bins * kBinBytes) {
    return Corrupt("metrics: ", bins, " bins announced, ", reader.remaining(), " bytes follow");
  }
  if (sums.weight_ < 0 || sums.loss_ < 0 || sums.absolute_error_ < 0) {
    return Corrupt("metrics: a sum that cannot be negative is");
  }
  if (bins != 0 && sums.task_ != TaskKind::kBinary) {
    return Corrupt("metrics: bins in a regression");
  }
  if (bins != 0) {
    sums.positive_bins_.resize(kScoreBins);
    sums.negative_bins_.resize(kScoreBins);
  }
  std::uint64_t positives = 0;
  std::uint64_t negatives = 0;
  std::uint64_t next = 0;
  for (std::uint32_t i = 0; i < bins; ++i) {
    const auto index = reader.Get<std::uint32_t>();
    if (index < next || index >= kScoreBins) {
      return Corrupt("metrics: bin ", index, " out of order");
    }
    next = std::uint64_t{index} + 1;
    positives += sums.positive_bins_[index] = reader.Get<std::uint64_t>();
    negatives += sums.negative_bins_[index] = reader.Get<std::uint64_t>();
  }
  if (positives != sums.true_positive_ + sums.false_negative_ ||
      negatives != sums.true_negative_ + sums.false_positive_) {
    return Corrupt("metrics: the bins do not add up to the counts at the threshold");
  }
  ROOKERY_RETURN_IF_ERROR(reader.Finish("metrics"));
  return sums;
}

}  // namespace rookery
