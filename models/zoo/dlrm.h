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
#include "models/dense_layout.h"
#include "models/layers/dot_interaction.h"
#include "models/layers/tower.h"
#include "models/losses/loss.h"
#include "models/model.h"

namespace rookery {

[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeDlrm(const ModelSpec& spec);

struct DlrmOptions {
  ModelTable table;
  std::uint32_t numeric = 0;
  TowerOptions bottom, top;
  Loss loss = Loss::kBce;
  float label_mean = 0;
};

class Dlrm final : public Model {
 public:
  explicit Dlrm(const DlrmOptions& options);

  [[nodiscard]] const std::vector<ModelTable>& tables() const override { return tables_; }
  [[nodiscard]] const std::vector<DenseBlockSpec>& dense_blocks() const override {
    return layout_.blocks();
  }
  [[nodiscard]] std::unique_ptr<Model::Scratch> MakeScratch() const override;
  void Predict(const ModelInput& input, std::span<const float> dense, Model::Scratch& scratch,
               std::span<float> scores) const override;
  double ForwardBackward(const ModelInput& input, std::span<const float> dense,
                         const DropoutStream& dropout, Model::Scratch& scratch,
                         std::span<float> scores, ModelGradients& gradients) const override;
  void Describe(GraphBuilder& graph) const override;

 private:
  struct Buffers;

  // One example's vectors beside each other, into buffers.vectors.
  const float* Gather(const ModelInput& input, std::size_t example, const float* bottom,
                      Buffers& buffers) const;
  // The top tower's input from the bottom tower's output.
  void Interact(const ModelInput& input, const float* dense, Buffers& buffers) const;
  void InteractBackward(const ModelInput& input, Buffers& buffers, ModelGradients& gradients) const;
  void Scores(std::size_t examples, const float* dense, Buffers& buffers,
              std::span<float> scores) const;

  const std::uint32_t numeric_;
  const Loss loss_;
  const std::vector<ModelTable> tables_;
  const DotShape dots_;
  const std::size_t top_inputs_;
  DenseLayout layout_;
  Tower bottom_;
  DenseBlock bottom_bias_;
  DenseBlock bias_;
  Tower top_;
};

}  // namespace rookery
