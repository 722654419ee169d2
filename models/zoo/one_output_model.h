// OneOutputModel: what all models with one output an example share: scores and loss of the output,
// tables and dense blocks. A model of the zoo computes its output and, from the output's gradient,
// all others.
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

class OneOutputModel : public Model {
 public:
  [[nodiscard]] const std::vector<ModelTable>& tables() const final { return tables_; }
  [[nodiscard]] const std::vector<DenseBlockSpec>& dense_blocks() const final {
    return layout_.blocks();
  }
  void Predict(const ModelInput& input, std::span<const float> dense, Model::Scratch& scratch,
               std::span<float> scores) const final;
  double ForwardBackward(const ModelInput& input, std::span<const float> dense,
                         const DropoutStream& dropout, Model::Scratch& scratch,
                         std::span<float> scores, ModelGradients& gradients) const final;

 protected:
  // A model's own buffers of one thread derive from these.
  struct OutputBuffers : Model::Scratch {
    FloatBuffer outputs, d_outputs;  // [B]
  };

  OneOutputModel(std::vector<ModelTable> tables, Loss loss)
      : tables_(std::move(tables)), loss_(loss) {}

  // outputs [B]: before the sigmoid of "bce". `scratch` is of this model's MakeScratch. There is at
  // least one example.
  virtual void Infer(const ModelInput& input, const float* dense, Model::Scratch& scratch,
                     float* outputs) const = 0;
  // The same in training: keeps in `scratch` what Backward needs.
  virtual void Forward(const ModelInput& input, const float* dense, const DropoutStream& dropout,
                       Model::Scratch& scratch, float* outputs) const = 0;
  // Overwrites all gradients, given that of the output, [B].
  virtual void Backward(const ModelInput& input, const float* dense, const float* d_outputs,
                        Model::Scratch& scratch, ModelGradients& gradients) const = 0;

  [[nodiscard]] Loss loss() const { return loss_; }

  DenseLayout layout_;  // filled by the model's constructor

 private:
  const std::vector<ModelTable> tables_;
  const Loss loss_;
};

}  // namespace rookery
