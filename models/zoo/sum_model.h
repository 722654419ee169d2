// SumModel: a model whose output is a sum of terms, and which every model of the zoo so far is.
//
//   output = bias + numeric . w                      with numeric_linear
//          + sum over tables of
//              sum_f e[f, last column]               first_order
//            + FM interaction of e[:, the rest]      interaction
//          + tower(e[:, the rest] of its table, numeric)
//
// Blocks   bias, linear.weight, tower.* (layers/tower.h)
// Threads  as models/model.h says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/layers/tower.h"
#include "models/zoo/scored_model.h"

namespace rookery {

// How one table takes part.
struct SumTable {
  ModelTable table;
  bool first_order = false;  // the last column is a weight of its own
  bool interaction = false;
  bool tower = false;  // at most one table

  [[nodiscard]] std::size_t width() const { return table.dim - (first_order ? 1U : 0U); }
  [[nodiscard]] std::size_t groups() const { return table.features.size(); }
};

struct SumModelOptions {
  std::vector<SumTable> tables;
  std::uint32_t numeric = 0;
  bool numeric_linear = false;        // ignored without numeric inputs
  std::optional<TowerOptions> tower;  // its input ends with the numeric inputs
  Loss loss = Loss::kBce;
  float label_mean = 0;
};

// kInvalidInput when the dense parameters are more than kDenseFloatsMax.
[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeSumModel(const SumModelOptions& options);

class SumModel final : public ScoredModel {
 public:
  explicit SumModel(const SumModelOptions& options);

  [[nodiscard]] std::vector<InputRow> InputRows(const DenseBlockSpec& block) const override;
  [[nodiscard]] std::unique_ptr<Model::Scratch> MakeScratch() const override;
  void RoundWeights(std::span<const float> dense, Model::Scratch& scratch) const override;
  void Describe(GraphBuilder& graph) const override;

 private:
  struct Buffers;

  void Infer(const ModelInput& input, const float* dense, Model::Scratch& scratch,
             float* outputs) const override;
  void Forward(const ModelInput& input, const float* dense, const DropoutStream& dropout,
               Model::Scratch& scratch, float* outputs) const override;
  void Backward(const ModelInput& input, const float* dense, const float* d_outputs,
                Model::Scratch& scratch, ModelGradients& gradients) const override;

  // All terms but the tower's; writes the tower's input beside.
  void Terms(const ModelInput& input, const float* dense, Buffers& buffers, float* outputs) const;
  void TermsOf(std::size_t table, const ModelInput& input, Buffers& buffers, float* outputs) const;
  void LinearGradients(const ModelInput& input, const float* d_outputs, float* gradients) const;
  void EmbeddingGradients(std::size_t table, const ModelInput& input, const float* d_outputs,
                          const Buffers& buffers, float* gradients) const;
  [[nodiscard]] const float* TowerInput(const ModelInput& input, const Buffers& buffers) const;

  SumModelOptions options_;
  DenseBlock bias_;
  std::optional<DenseBlock> linear_;
  std::optional<std::size_t> tower_table_;
  std::size_t tower_inputs_ = 0;
  // The tower's input is the combined vectors as they are, no copy needed.
  bool tower_direct_ = false;
  std::optional<Tower> tower_;
};

}  // namespace rookery
