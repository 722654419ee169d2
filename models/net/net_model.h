// NetModel: a model whose output is a value of a net, plus a bias that starts at the mean label,
// unless the model wants none. A model that also trains in another way derives from it.
//
// Blocks   bias, then those of the net's layers
// Threads  as models/model.h says.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "models/net/net.h"
#include "models/zoo/scored_model.h"

namespace rookery {

// Of a model that ranks: the user's vector [B, W], and the item's with its number [B, W + 1].
struct RankingValues {
  NetValue query = {};
  NetValue item = {};
};

struct NetOutputs {
  // NOLINTNEXTLINE(google-explicit-constructor): most nets have an output alone.
  NetOutputs(NetValue value, std::optional<RankingValues> vectors = std::nullopt)
      : output(value), ranking(vectors) {}
  NetValue output;  // [B, K]: without the bias
  std::optional<RankingValues> ranking;
};

struct NetModelOptions {
  std::vector<ModelTable> tables;
  Loss loss = Loss::kBce;
  float label_mean = 0;
  std::vector<LabelShape> labels = {};  // where there are several outputs
  bool bias = true;                     // of a single output
  std::function<NetOutputs(NetBuilder& net)> build;
};

// kInvalidInput when the dense parameters are more than kDenseFloatsMax.
[[nodiscard]] StatusOr<std::unique_ptr<Model>> MakeNetModel(const NetModelOptions& options);

class NetModel : public ScoredModel {
 public:
  explicit NetModel(const NetModelOptions& options);

  [[nodiscard]] std::vector<InputRow> InputRows(const DenseBlockSpec& block) const override {
    return net_.InputRows(block.name);
  }
  [[nodiscard]] std::unique_ptr<Model::Scratch> MakeScratch() const override;
  void RoundWeights(std::span<const float> dense, Model::Scratch& scratch) const override;
  void Describe(GraphBuilder& graph) const override;
  [[nodiscard]] std::size_t ranking_width() const override {
    return outputs_->ranking ? net_.width(outputs_->ranking->query) : 0;
  }
  void RankingQueries(const ModelInput& input, std::span<const float> dense,
                      Model::Scratch& scratch, std::span<float> queries) const override;
  void RankingItems(const ModelInput& input, std::span<const float> dense, Model::Scratch& scratch,
                    std::span<float> items) const override;

 protected:
  // A derived model's own buffers of one thread derive from these.
  struct Buffers : OutputBuffers {
    Net::Scratch net;
  };
  [[nodiscard]] const Net& net() const { return net_; }

 private:
  void Infer(const ModelInput& input, const float* dense, Model::Scratch& scratch,
             float* outputs) const override;
  void Forward(const ModelInput& input, const float* dense, const DropoutStream& dropout,
               Model::Scratch& scratch, float* outputs) const override;
  void Backward(const ModelInput& input, const float* dense, const float* d_outputs,
                Model::Scratch& scratch, ModelGradients& gradients) const override;
  void Run(const ModelInput& input, const float* dense, const DropoutStream* dropout,
           Model::Scratch& scratch, float* outputs) const;

  // `to` gets the value, [B, width].
  void Take(NetValue value, const ModelInput& input, std::span<const float> dense,
            Model::Scratch& scratch, std::span<float> to) const;

  std::optional<DenseBlock> bias_;
  std::optional<NetOutputs> outputs_;  // set by the constructor
  Net net_;
};

}  // namespace rookery
