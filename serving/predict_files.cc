// PredictFiles of serving/predictor.h.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "data/input.h"
#include "models/losses/loss.h"
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

std::vector<std::string> NamesOf(const Schema& schema) {
  std::vector<std::string> names;
  for (const Column& label : LabelsOf(schema)) names.push_back(label.name);
  return names;
}

class FilePredictor {
 public:
  FilePredictor(Predictor* predictor, const LineSink* sink)
      : predictor_(*predictor),
        sink_(*sink),
        labels_(NamesOf(predictor->schema().fitted.schema)),
        metrics_(IsBinaryLoss(predictor->schema().model.loss) ? TaskKind::kBinary
                                                              : TaskKind::kRegression,
                 labels_.size()) {}

  Status Add(const Batch& batch) {
    const std::size_t width = predictor_.outputs();
    scores_.resize(batch.examples * width);
    ROOKERY_RETURN_IF_ERROR(predictor_.Score(batch, scores_));
    lines_.clear();
    for (std::size_t i = 0; i < batch.examples; ++i) {
      AppendNumbers(std::span(scores_).subspan(i * width, width));
      if (HasLabels(batch, i)) AppendNumbers(std::span(batch.labels).subspan(i * width, width));
      lines_.back() = '\n';
    }
    result_.examples += batch.examples;
    metrics_.Add(scores_, batch.labels, batch.weights);
    return lines_.empty() ? OkStatus() : sink_(lines_);
  }

  PredictResult Finish() {
    if (metrics_.examples() > 0) result_.metrics = metrics_.Values(labels_);
    return result_;
  }

 private:
  static bool HasLabels(const Batch& batch, std::size_t example) {
    const auto labels = std::span(batch.labels).subspan(example * batch.label_width);
    return std::ranges::none_of(labels.first(batch.label_width),
                                [](float label) { return std::isnan(label); });
  }

  // A tab after each.
  void AppendNumbers(std::span<const float> numbers) {
    for (const float number : numbers) {
      AppendNumber(number, &lines_);
      lines_.push_back('\t');
    }
  }

  Predictor& predictor_;
  const LineSink& sink_;
  PredictResult result_;
  const std::vector<std::string> labels_;
  LabelMetrics metrics_;

  // Reused by every Add.
  std::vector<float> scores_;
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
