// NetModel: a model whose output is a value of a net, plus a bias that starts at the mean label.
//
// Blocks   bias, then those of the net's layers
// Threads  as models/model.h says.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "models/net/net.h"
#include "models/zoo/one_output_model.h"

namespace rookery {

struct NetModelOptions {
  std::vector<ModelTable> tables;
  Loss loss = Loss::kBce;
  float label_mean = 0;
  // Builds the net; its result is [B, 1]: the output without the bias.
  std::function<NetValue(NetBuilder& net)> build;
};

// kInvalidInput when the dense parameters are more than kDenseFloatsMax.
[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeNetModel(const NetModelOptions& options);

class NetModel final : public OneOutputModel {
 public:
  explicit NetModel(const NetModelOptions& options);

  [[nodiscard]] std::vector<InputRow> InputRows(const DenseBlockSpec& block) const override {
    return net_.InputRows(block.name);
  }
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
  void Run(const ModelInput& input, const float* dense, const DropoutStream* dropout,
           Model::Scratch& scratch, float* outputs) const;

  DenseBlock bias_;
  NetValue output_;
  Net net_;
};

}  // namespace rookery
