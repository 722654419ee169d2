#include "launch/data_sample.h"

#include <algorithm>
#include <cmath>

#include "data/catalog.h"
#include "data/input.h"
#include "data/sequence_reader.h"

namespace rookery {
namespace {

constexpr std::uint64_t kWindowExamples = 65'536;  // at least so many are read at once
constexpr std::size_t kPushesMeasured = 40;
constexpr std::size_t kKeysMax = std::size_t{1} << 28U;  // sampled ones: 2 GiB

class Sampler {
 public:
  Sampler(const JobPlan& plan, const Model& model, const SampleOptions& options)
      : plan_(plan),
        model_(model),
        options_(options),
        keys_(model.tables().size()),
        sketches_(options.full ? model.tables().size() : 0),
        full_(model.tables().size()),
        half_(model.tables().size()) {}

  [[nodiscard]] bool Sampling() const { return sampled_ < options_.examples_max && !full_memory_; }
  [[nodiscard]] bool Done() const { return !Sampling() && !options_.full; }
  [[nodiscard]] std::uint64_t examples() const { return examples_; }

  void Add(const Batch& batch) {
    const bool sampling = Sampling();
    std::size_t kept = 0;
    for (std::size_t t = 0; t < keys_.size(); ++t) {
      const ModelTable& table = model_.tables()[t];
      for (std::size_t i = 0; i < table.inputs(); ++i) {
        const std::vector<Key>& keys = batch.features[table.input(i)].keys;
        if (sampling) keys_[t].insert(keys_[t].end(), keys.begin(), keys.end());
        if (options_.full) {
          for (const Key key : keys) sketches_[t].Add(key);
        }
      }
      kept += keys_[t].size();
    }
    full_memory_ = kept > kKeysMax;
    examples_ += batch.examples;
    if (!sampling) return;
    sampled_ += batch.examples;
    bytes_ += static_cast<double>(BytesOf(batch));
    MeasurePushes(batch);
  }

  void Finish(double examples_total, DataSample* sample) {
    const std::uint64_t per_step = std::uint64_t{ExamplesPerPush(plan_)} * PushesPerStep(plan_);
    const double rest = std::fmod(examples_total, static_cast<double>(per_step));
    const auto last = static_cast<std::size_t>(rest / PushesPerStep(plan_) + 0.5);
    sample->examples = examples_;
    sample->examples_total = examples_total;
    sample->whole = static_cast<double>(examples_) >= examples_total;
    sample->example_bytes = sampled_ == 0 ? 0 : bytes_ / static_cast<double>(sampled_);
    for (std::size_t t = 0; t < keys_.size(); ++t) {
      TableSample table;
      const bool all_sampled = sampled_ >= examples_;
      if (options_.full && !all_sampled) {
        const double rows = sketches_[t].Estimate();
        table.rows = {rows, rows, rows};
      } else {
        const double factor = examples_total / std::max(1.0, static_cast<double>(sampled_));
        table.rows = Extrapolate(CountKeys(&keys_[t]), std::max(1.0, factor));
      }
      table.keys_per_push = full_[t].Mean();
      // Between so few sizes the number grows as a power.
      const double share = static_cast<double>(last) / ExamplesPerPush(plan_);
      const double half = half_[t].Mean();
      const double power = half > 0 ? std::log2(full_[t].Mean() / half) : 1;
      table.keys_in_last = full_[t].Mean() * std::pow(share, power);
      if (model_.tables()[t].told_from_catalog) {
        table.keys_per_push = table.keys_in_last = table.rows.likely;  // all there are
      }
      sample->tables.push_back(table);
    }
  }

 private:
  struct Sum {
    double sum = 0;
    std::size_t count = 0;
    [[nodiscard]] double Mean() const { return count == 0 ? 0 : sum / static_cast<double>(count); }
  };

  static std::size_t BytesOf(const Batch& batch) {
    std::size_t bytes = batch.examples * (1 + batch.numeric_width) * sizeof(float);
    for (const FeatureColumn& column : batch.features) {
      bytes += column.keys.size() * sizeof(Key) + column.weights.size() * sizeof(float) +
               column.offsets.size() * sizeof(std::uint32_t);
    }
    return bytes;
  }

  // The examples of a push lie as far apart in the window as the shuffle puts them.
  void MeasurePushes(const Batch& batch) {
    const std::size_t wanted = ExamplesPerPush(plan_);
    const std::size_t pushes = batch.examples / wanted;
    if (pushes == 0 && !full_.empty() && full_[0].count > 0) return;
    const bool shuffled = plan_.job.data.shuffle_window > 0;
    const std::size_t size = std::min(wanted, batch.examples);
    for (std::size_t i = 0; i < std::max<std::size_t>(pushes, 1); ++i) {
      if (full_.empty() || full_[0].count >= kPushesMeasured) return;
      const std::size_t stride = shuffled && pushes > 0 ? pushes : 1;
      const std::size_t first = stride == 1 ? i * size : i;
      for (std::size_t t = 0; t < full_.size(); ++t) {
        full_[t].sum += static_cast<double>(DistinctIn(batch, t, first, stride, size));
        ++full_[t].count;
        half_[t].sum += static_cast<double>(DistinctIn(batch, t, first, stride, (size + 1) / 2));
        ++half_[t].count;
      }
    }
  }

  std::size_t DistinctIn(const Batch& batch, std::size_t table, std::size_t first,
                         std::size_t stride, std::size_t size) {
    distinct_.clear();
    const ModelTable& shape = model_.tables()[table];
    for (std::size_t f = 0; f < shape.inputs(); ++f) {
      const FeatureColumn& column = batch.features[shape.input(f)];
      for (std::size_t i = 0; i < size; ++i) {
        const std::size_t example = first + i * stride;
        for (std::size_t k = column.Begin(example); k < column.End(example); ++k) {
          distinct_.push_back(column.keys[k]);
        }
      }
    }
    std::ranges::sort(distinct_);
    return distinct_.size() - std::ranges::unique(distinct_).size();
  }

  const JobPlan& plan_;
  const Model& model_;
  const SampleOptions options_;
  std::vector<std::vector<Key>> keys_;  // [tables], of the sample
  std::vector<DistinctSketch> sketches_;
  std::vector<Sum> full_, half_;  // [tables], keys of a push, and of half of one
  std::vector<Key> distinct_;     // scratch
  std::uint64_t examples_ = 0;
  std::uint64_t sampled_ = 0;
  double bytes_ = 0;
  bool full_memory_ = false;
};

StatusOr<FittedSchema> FittedOf(FileSystem& files, const JobPlan& plan, const InputOptions& input,
                                std::uint64_t examples_max) {
  if (plan.fitted) return *plan.fitted;
  return FitSchema(&files, plan.job.data.schema, input,
                   std::min(examples_max, plan.job.data.fit_examples));
}

// Reads the examples of training. `fitted` is of the files' lines; *catalog is filled if needed.
StatusOr<std::unique_ptr<InputReader>> ReaderOf(FileSystem* files, const JobPlan& plan,
                                                const FittedSchema* fitted,
                                                const InputOptions& input, Catalog* catalog) {
  auto reader = MakeInputReader(files, fitted, input);
  if (!ReadsSequences(plan.job)) return reader;
  const SequenceOptions sequence = SequencesOf(plan.job);
  ROOKERY_ASSIGN_OR_RETURN(*catalog, ReadCatalog(files, *fitted, {input, {}, sequence}));
  return MakeTrainingReader(std::move(reader), catalog, sequence, plan.job.seed);
}

}  // namespace

std::uint32_t PushesPerStep(const JobPlan& plan) {
  if (plan.job.train.mode == TrainMode::kSync) return plan.job.train.slices;
  return plan.lockstep ? plan.cluster.workers : 1;
}

std::uint32_t ExamplesPerPush(const JobPlan& plan) {
  return std::max<std::uint32_t>(1, plan.job.train.batch_size / PushesPerStep(plan));
}

StatusOr<DataSample> SampleData(FileSystem& files, const JobPlan& plan,
                                const SampleOptions& options) {
  InputOptions input;
  input.files = plan.files[static_cast<std::size_t>(DataSet::kTrain)];
  input.chunk_examples = plan.job.data.chunk_examples;
  DataSample sample;
  ROOKERY_ASSIGN_OR_RETURN(const FittedSchema fitted,
                           FittedOf(files, plan, input, options.examples_max));
  sample.fitted =
      ReadsSequences(plan.job) ? FittedExamplesOf(fitted, SequencesOf(plan.job)) : fitted;
  ROOKERY_ASSIGN_OR_RETURN(const WorkerModel made, MakeWorkerModelOf(plan.job, {}));
  Catalog catalog;
  ROOKERY_ASSIGN_OR_RETURN(const auto reader, ReaderOf(&files, plan, &fitted, input, &catalog));
  Sampler sampler(plan, *made.model, options);
  const std::uint64_t window = std::max(kWindowExamples, plan.job.data.shuffle_window);
  const std::uint64_t chunks = std::max<std::uint64_t>(
      1, std::min(window, options.examples_max) / plan.job.data.chunk_examples);
  double read_bytes = 0;
  double all_bytes = 0;
  for (std::uint32_t file = 0; file < input.files.size(); ++file) {
    ROOKERY_ASSIGN_OR_RETURN(const std::uint64_t bytes, files.FileSize(input.files[file]));
    all_bytes += static_cast<double>(bytes);
    double fraction = 0;
    for (std::uint64_t first = 0; !sampler.Done(); first += chunks) {
      ROOKERY_ASSIGN_OR_RETURN(RunResult run, reader->Read({file, first, 1, chunks}));
      sampler.Add(run.examples);
      fraction = run.end_of_file ? 1 : run.file_fraction;
      reader->Recycle(std::move(run.examples));
      if (run.end_of_file) break;
    }
    read_bytes += fraction * static_cast<double>(bytes);
  }
  if (sampler.examples() == 0 || read_bytes <= 0) {
    return InvalidInput(input.files.front(), ": no examples to plan with");
  }
  const auto seen = static_cast<double>(sampler.examples());
  sampler.Finish(read_bytes >= all_bytes ? seen : std::round(seen * all_bytes / read_bytes),
                 &sample);
  return sample;
}

}  // namespace rookery
