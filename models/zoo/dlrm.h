// "dlrm" (Naumov et al. 2019): a bottom tower turns the numeric inputs into a vector like an
// embedding; it and the embeddings of the features meet in pairwise dot products; a top tower reads
// that vector and the products.
//
//   v_0 = bottom(numeric), v_1 .. v_F the embeddings
//   output = bias + top(v_0, v_i . v_j for j < i)
//
// Table    default, dim D.
// Blocks   bottom.* (its output has a bias too), bias, top.* (layers/tower.h)
// Options  bottom and hidden are the widths of the towers; both have the same activation and norm,
//          the top one also dropout and dtype.
#pragma once

#include <memory>

#include "common/error.h"
#include "models/layers/dot_interaction.h"
#include "models/layers/tower.h"
#include "models/zoo/scored_model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeDlrm(const ModelSpec& spec);

struct DlrmOptions {
  ModelTable table;
  std::uint32_t numeric = 0;
  TowerOptions bottom, top;
  Loss loss = Loss::kBce;
  float label_mean = 0;
};

class Dlrm final : public ScoredModel {
 public:
  explicit Dlrm(const DlrmOptions& options);

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

  // One example's vectors beside each other, into buffers.vectors.
  const float* Gather(const ModelInput& input, std::size_t example, const float* bottom,
                      Buffers& buffers) const;
  // The top tower's input from the bottom tower's output.
  void Interact(const ModelInput& input, const float* dense, Buffers& buffers) const;
  void AddBias(std::size_t examples, const float* dense, float* outputs) const;
  void InteractBackward(const ModelInput& input, Buffers& buffers, ModelGradients& gradients) const;

  const std::uint32_t numeric_;
  const DotShape dots_;
  const std::size_t top_inputs_;
  Tower bottom_;
  DenseBlock bottom_bias_;
  DenseBlock bias_;
  Tower top_;
};

}  // namespace rookery
