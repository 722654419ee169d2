// LedgerModel: rows that count. With SGD at rate 1 every row ends as exactly the number of times
// that its key occurred in the examples trained, and the dense parameter as the number of updates.
//
// Two tables of dim 1: "examples" (feature 0, a key of its own for each example) and "items"
// (feature 1, a list of few keys that all examples share). Servers divide a gradient by the number
// of examples of the push (sync: of the step), so the model multiplies by it; both are whole
// numbers far below 2^24, so every float is exact.
//
// Model's contract otherwise (models/model.h).
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "models/model.h"

namespace rookery::sim {

class LedgerModel final : public Model {
 public:
  // `step_examples`: of every step (sync, where all steps are full); 0: of each push, which is one
  // part.
  explicit LedgerModel(std::size_t step_examples) : step_examples_(step_examples) {
    tables_ = {{"examples", 1, 0, {0}}, {"items", 1, 0, {1}}};
    DenseBlockSpec updates;
    updates.name = "updates";
    updates.rows = 1;
    updates.columns = 3;
    updates.initializer.kind = InitializerKind::kZeros;
    blocks_.push_back(updates);
  }

  [[nodiscard]] const std::vector<ModelTable>& tables() const override { return tables_; }
  [[nodiscard]] const std::vector<DenseBlockSpec>& dense_blocks() const override { return blocks_; }
  [[nodiscard]] std::unique_ptr<Scratch> MakeScratch() const override {
    return std::make_unique<Scratch>();
  }
  void Predict(const ModelInput&, std::span<const float>, Scratch&,
               std::span<float> scores) const override {
    std::ranges::fill(scores, 0.0F);
  }
  double ForwardBackward(const ModelInput& input, std::span<const float>, const DropoutStream&,
                         Scratch&, std::span<float> scores,
                         ModelGradients& gradients) const override {
    std::ranges::fill(scores, 0.0F);
    const auto divisor = static_cast<float>(step_examples_ != 0 ? step_examples_ : input.examples);
    for (float* embedding : gradients.embeddings) {
      std::fill_n(embedding, input.examples, -divisor);
    }
    std::fill_n(gradients.dense, 3, -static_cast<float>(input.examples));
    return 0;
  }
  void Describe(GraphBuilder&) const override {}  // is never exported

 private:
  const std::size_t step_examples_;
  std::vector<ModelTable> tables_;
  std::vector<DenseBlockSpec> blocks_;
};

}  // namespace rookery::sim
