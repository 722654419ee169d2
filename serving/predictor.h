// Predictor: scores examples with an export directory (serving/exporter.h), and nothing else.
//
// Open() loads the tables and the dense parameters and compares every byte it reads with the
// manifest's checksums. A key without a row reads the default row: zeros.
//
// Owner    the caller. Threads: one at a time (it keeps buffers between calls).
// Errors   kNotFound, kCorrupt: name the file and say why. kInvalidInput: not an export.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "data/batch.h"
#include "io/file_system.h"
#include "models/label_metrics.h"
#include "models/layers/embedding_combiner.h"
#include "models/model.h"
#include "serving/native_table.h"
#include "serving/schema_file.h"

namespace rookery {

class Predictor {
 public:
  // With Dtype::kBf16 towers multiply in bf16, which is faster and changes scores by about a
  // thousandth (docs/performance.md).
  [[nodiscard]] static StatusOr<std::unique_ptr<Predictor>> Open(FileSystem* files,
                                                                 std::string directory,
                                                                 Dtype dtype = Dtype::kFp32);

  [[nodiscard]] const ExportSchema& schema() const { return schema_; }
  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] std::size_t outputs() const { return model_->outputs(); }  // K

  // scores [B, K], row-major; labels and weights of the batch are not looked at. kInvalidInput when
  // the batch does not have the schema's features and numeric width.
  [[nodiscard]] Status Score(const Batch& batch, std::span<float> scores);

 private:
  Predictor() = default;
  // Those of the table, to input_.
  void AddVectors(const Batch& batch, std::size_t table);

  // Constant after Open.
  std::string directory_;
  ExportSchema schema_;
  std::unique_ptr<Model> model_;
  std::vector<float> dense_;         // [P]
  std::vector<NativeTable> tables_;  // in the order of Model::tables()

  // Reused by Score.
  std::unique_ptr<Model::Scratch> scratch_;
  std::vector<Key> keys_;                 // of the table at hand, feature by feature
  std::vector<std::uint32_t> positions_;  // their rows
  std::vector<CombinedFeature> features_;
  ModelInput input_;
  // Per table [B, F_t * D_t] and behind that the rows of its sequences.
  std::vector<std::vector<float>> vectors_;
};

// Receives whole lines, each with its '\n'.
using LineSink = std::function<Status(std::string_view lines)>;

struct PredictResult {
  std::uint64_t examples = 0;
  std::map<std::string, double> metrics;  // as models/label_metrics.h; none without labels
};

// Scores the files `patterns` name, in order, and sends one line per example to `sink`: the
// scores, and the labels when the line has all of them, with tabs between. Numbers have the fewest
// digits that read back as the same float.
[[nodiscard]] StatusOr<PredictResult> PredictFiles(FileSystem* files, Predictor& predictor,
                                                   const std::vector<std::string>& patterns,
                                                   const LineSink& sink);

}  // namespace rookery
