// PredictFiles of serving/predictor.h.
#include <array>
#include <charconv>
#include <cmath>

#include "data/input.h"
#include "serving/predictor.h"

namespace rookery {
namespace {

constexpr std::uint32_t kChunkExamples = 1024;
constexpr std::uint64_t kChunksPerRead = 4;

void AppendNumber(float value, std::string* text) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  text->append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

class FilePredictor {
 public:
  FilePredictor(Predictor* predictor, const LineSink* sink)
      : predictor_(*predictor),
        sink_(*sink),
        metrics_(predictor->schema().model.loss == "bce" ? TaskKind::kBinary
                                                         : TaskKind::kRegression) {}

  Status Add(const Batch& batch) {
    scores_.resize(batch.examples);
    ROOKERY_RETURN_IF_ERROR(predictor_.Score(batch, scores_));
    lines_.clear();
    for (std::size_t i = 0; i < batch.examples; ++i) {
      AppendNumber(scores_[i], &lines_);
      if (HasLabel(batch, i)) {
        lines_.push_back('\t');
        AppendNumber(batch.labels[i], &lines_);
      }
      lines_.push_back('\n');
    }
    result_.examples += batch.examples;
    AddMetrics(batch);
    return lines_.empty() ? OkStatus() : sink_(lines_);
  }

  PredictResult Finish() {
    if (metrics_.examples() > 0) result_.metrics = metrics_;
    return result_;
  }

 private:
  static bool HasLabel(const Batch& batch, std::size_t example) {
    return example < batch.labels.size() && !std::isnan(batch.labels[example]);
  }

  void AddMetrics(const Batch& batch) {
    kept_scores_.clear();
    kept_labels_.clear();
    kept_weights_.clear();
    for (std::size_t i = 0; i < batch.examples; ++i) {
      if (!HasLabel(batch, i)) continue;
      kept_scores_.push_back(scores_[i]);
      kept_labels_.push_back(batch.labels[i]);
      kept_weights_.push_back(batch.Weight(i));
    }
    if (!kept_scores_.empty()) metrics_.Add(kept_scores_, kept_labels_, kept_weights_);
  }

  Predictor& predictor_;
  const LineSink& sink_;
  PredictResult result_;
  MetricSums metrics_;

  // Reused by every Add.
  std::vector<float> scores_, kept_scores_, kept_labels_, kept_weights_;
  std::string lines_;
};

}  // namespace

StatusOr<PredictResult> PredictFiles(FileSystem* files, Predictor& predictor,
                                     const std::vector<std::string>& patterns,
                                     const LineSink& sink) {
  InputOptions options;
  ROOKERY_ASSIGN_OR_RETURN(options.files, ExpandFiles(*files, patterns));
  options.chunk_examples = kChunkExamples;
  options.label_required = false;
  const auto count = static_cast<std::uint32_t>(options.files.size());
  const std::unique_ptr<InputReader> reader =
      MakeInputReader(files, &predictor.schema().fitted, std::move(options));
  FilePredictor output(&predictor, &sink);
  ChunkRun run;
  run.count = kChunksPerRead;
  while (run.file < count) {
    ROOKERY_ASSIGN_OR_RETURN(const RunResult result, reader->Read(run));
    ROOKERY_RETURN_IF_ERROR(output.Add(result.examples));
    run.first += kChunksPerRead;
    if (!result.end_of_file) continue;
    ++run.file;
    run.first = 0;
  }
  return output.Finish();
}

}  // namespace rookery
