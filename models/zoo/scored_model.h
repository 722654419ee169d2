// ScoredModel: what all models share that score their outputs by a loss: scores and loss, tables
// and dense blocks. A model of the zoo computes its output (K of them for each example, mostly one)
// and, from the output's gradient, all others.
//
// Threads  as models/model.h says.
#pragma once

#include <memory>
#include <vector>

#include "models/dense_layout.h"
#include "models/float_buffer.h"
#include "models/losses/loss.h"
#include "models/model.h"

namespace rookery {

class ScoredModel : public Model {
 public:
  [[nodiscard]] const std::vector<ModelTable>& tables() const final { return tables_; }
  [[nodiscard]] const std::vector<DenseBlockSpec>& dense_blocks() const final {
    return layout_.blocks();
  }
  [[nodiscard]] std::size_t outputs() const final { return loss_weights_.size(); }
  void Predict(const ModelInput& input, std::span<const float> dense, Model::Scratch& scratch,
               std::span<float> scores) const final;
  double ForwardBackward(const ModelInput& input, std::span<const float> dense,
                         const DropoutStream& dropout, Model::Scratch& scratch,
                         std::span<float> scores, ModelGradients& gradients) const override;

 protected:
  // A model's own buffers of one thread derive from these.
  struct OutputBuffers : Model::Scratch {
    FloatBuffer outputs, d_outputs;  // [B, K]
    FloatBuffer labels, weights;     // [B, K], with several
  };

  // `loss_weights`: one for each output; not looked at when it is the only one.
  ScoredModel(std::vector<ModelTable> tables, Loss loss, std::vector<float> loss_weights = {1})
      : tables_(std::move(tables)), loss_(loss), loss_weights_(std::move(loss_weights)) {}

  // outputs [B, K]: before the sigmoid of "bce". `scratch` is of this model's MakeScratch. There is
  // at least one example.
  virtual void Infer(const ModelInput& input, const float* dense, Model::Scratch& scratch,
                     float* outputs) const = 0;
  // The same in training: keeps in `scratch` what Backward needs.
  virtual void Forward(const ModelInput& input, const float* dense, const DropoutStream& dropout,
                       Model::Scratch& scratch, float* outputs) const = 0;
  // Overwrites all gradients, given that of the output, [B, K].
  virtual void Backward(const ModelInput& input, const float* dense, const float* d_outputs,
                        Model::Scratch& scratch, ModelGradients& gradients) const = 0;

  [[nodiscard]] Loss loss() const { return loss_; }

  DenseLayout layout_;  // filled by the model's constructor

 private:
  [[nodiscard]] double LossOfSeveral(const ModelInput& input, OutputBuffers& buffers) const;

  const std::vector<ModelTable> tables_;
  const Loss loss_;
  const std::vector<float> loss_weights_;  // [K]
};

}  // namespace rookery
