// The first pass over the training data: statistics, quantiles and the mean of the labels.
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "data/input.h"

namespace rookery {
namespace {

constexpr std::uint64_t kChunksPerRun = 8;
constexpr std::uint32_t kChunkExamples = 1024;

// Welford's sums of one column, and its values when a bucket needs quantiles.
struct ColumnSums {
  std::uint64_t count = 0;
  double mean = 0;
  double squares = 0;  // of the differences from the mean
  double minimum = 0;
  double maximum = 0;
  bool keep_values = false;
  std::vector<float> values;

  void Add(float value) {
    if (std::isnan(value)) return;
    const double number = value;
    minimum = count == 0 ? number : std::min(minimum, number);
    maximum = count == 0 ? number : std::max(maximum, number);
    ++count;
    const double difference = number - mean;
    mean += difference / static_cast<double>(count);
    squares += difference * (number - mean);
    if (keep_values) values.push_back(value);
  }
  [[nodiscard]] NumericStatistics Statistics() const {
    if (count == 0) return {};
    return {mean, std::sqrt(squares / static_cast<double>(count)), minimum, maximum};
  }
};

// The i-th boundary is the value of rank i * n / buckets; equal ones and the minimum are left out,
// so a bucket is never empty.
std::vector<float> Quantiles(std::vector<float> values, std::uint32_t buckets) {
  std::sort(values.begin(), values.end());
  std::vector<float> boundaries;
  for (std::uint64_t i = 1; i < buckets && !values.empty(); ++i) {
    const float boundary = values[static_cast<std::size_t>(i * values.size() / buckets)];
    const float below = boundaries.empty() ? values.front() : boundaries.back();
    if (boundary > below) boundaries.push_back(boundary);
  }
  return boundaries;
}

class Fitting {
 public:
  explicit Fitting(const Schema& schema) : schema_(schema), labels_(LabelsOf(schema).size()) {
    for (const Column& column : schema.columns) {
      if (column.type != ColumnType::kNumeric) continue;
      sums_.emplace_back();
      names_.push_back(column.name);
      for (const BucketFeature& bucket : schema.buckets) {
        if (bucket.column == column.name && bucket.boundaries.empty()) {
          sums_.back().keep_values = true;
        }
      }
    }
  }

  [[nodiscard]] std::uint64_t examples() const { return examples_; }

  void Add(const Batch& batch, std::size_t examples) {
    for (std::size_t i = 0; i < examples; ++i) {
      for (std::size_t k = 0; k < labels_.size(); ++k) {
        AddLabel(batch.labels[i * labels_.size() + k], batch.Weight(i), &labels_[k]);
      }
      const float* numbers = batch.numeric.data() + i * batch.numeric_width;
      for (std::size_t column = 0; column < sums_.size(); ++column) {
        sums_[column].Add(numbers[column]);
      }
    }
    examples_ += examples;
  }

  [[nodiscard]] FittedSchema Finish() {
    FittedSchema fitted;
    fitted.schema = schema_;
    fitted.examples_seen = examples_;
    fitted.signed_labels = minus_ones_ && !other_labels_;
    for (const LabelSums& label : labels_) {
      const double sum = fitted.signed_labels ? label.positives : label.sum;
      fitted.label_means.push_back(label.weight > 0 ? sum / label.weight : 0);
    }
    for (const ColumnSums& sums : sums_) fitted.statistics.push_back(sums.Statistics());
    for (const BucketFeature& bucket : schema_.buckets) {
      const auto column = std::find(names_.begin(), names_.end(), bucket.column) - names_.begin();
      const ColumnSums& sums = sums_[static_cast<std::size_t>(column)];
      fitted.bucket_boundaries.push_back(
          bucket.boundaries.empty() ? Quantiles(sums.values, bucket.buckets) : bucket.boundaries);
    }
    return fitted;
  }

 private:
  struct LabelSums {
    double weight = 0;
    double sum = 0;
    double positives = 0;  // the weight of those that are 1
  };

  void AddLabel(float label, float weight, LabelSums* sums) {
    if (std::isnan(label)) return;  // there is none
    minus_ones_ = minus_ones_ || label == -1;
    other_labels_ = other_labels_ || std::abs(label) != 1;
    sums->weight += weight;
    sums->sum += static_cast<double>(label) * weight;
    if (label == 1) sums->positives += weight;
  }

  const Schema& schema_;
  std::vector<std::string> names_;  // of numeric columns
  std::vector<ColumnSums> sums_;
  std::uint64_t examples_ = 0;
  bool minus_ones_ = false;
  bool other_labels_ = false;  // neither -1 nor 1
  std::vector<LabelSums> labels_;
};

}  // namespace

FittedSchema RawNumbersOf(const Schema& schema) {
  FittedSchema raw;
  raw.schema = schema;
  raw.schema.buckets.clear();
  raw.schema.crosses.clear();
  for (Column& column : raw.schema.columns) {
    if (column.type == ColumnType::kVector) column.type = ColumnType::kIgnore;
    if (column.type != ColumnType::kNumeric) continue;
    column.transform = NumericTransform::kNone;
    column.input = true;
    column.fill = std::numeric_limits<float>::quiet_NaN();
    raw.statistics.emplace_back();
  }
  return raw;
}

StatusOr<FittedSchema> FitSchema(FileSystem* files, const Schema& resolved,
                                 const InputOptions& options, std::uint64_t examples_max) {
  const FittedSchema raw = RawNumbersOf(resolved);
  InputOptions pass = options;
  pass.chunk_examples = kChunkExamples;
  const std::unique_ptr<InputReader> reader = MakeInputReader(files, &raw, pass);
  Fitting fitting(resolved);
  for (std::uint32_t file = 0; file < pass.files.size(); ++file) {
    ChunkRun run{file, 0, 1, kChunksPerRun};
    for (bool more = true; more && fitting.examples() < examples_max; run.first += run.count) {
      ROOKERY_ASSIGN_OR_RETURN(const RunResult result, reader->Read(run));
      const std::uint64_t wanted = examples_max - fitting.examples();
      fitting.Add(result.examples, static_cast<std::size_t>(
                                       std::min<std::uint64_t>(wanted, result.examples.examples)));
      more = !result.end_of_file;
    }
  }
  if (fitting.examples() == 0 && examples_max > 0) {
    return InvalidInput(pass.files.empty() ? "no input files" : pass.files.front(),
                        ": no example in it; every line is blank or skipped");
  }
  return fitting.Finish();
}

}  // namespace rookery
