#include "models/net/net_model.h"

#include <algorithm>
#include <utility>

#include "common/check.h"
#include "models/vector_math.h"
#include "models/zoo/spec_check.h"

namespace rookery {

StatusOr<std::unique_ptr<Model>> MakeNetModel(const NetModelOptions& options) {
  auto model = std::make_unique<NetModel>(options);
  ROOKERY_RETURN_IF_ERROR(CheckDenseSize(*model));
  return std::unique_ptr<Model>(std::move(model));
}

namespace {

std::vector<float> LossWeightsOf(const std::vector<LabelShape>& labels) {
  std::vector<float> weights;
  for (const LabelShape& label : labels) weights.push_back(label.loss_weight);
  return weights.empty() ? std::vector<float>{1} : weights;
}

}  // namespace

NetModel::NetModel(const NetModelOptions& options)
    : ScoredModel(options.tables, options.loss, LossWeightsOf(options.labels)) {
  if (options.bias) {
    ROOKERY_CHECK(outputs() == 1);
    bias_ = layout_.AddConstant("bias", 1, 1, StartOfOutput(options.loss, options.label_mean));
  }
  NetBuilder builder(&layout_);
  outputs_ = options.build(builder);
  net_ = builder.Take();
  ROOKERY_CHECK(net_.width(outputs_->output) == outputs());
  if (!outputs_->ranking) return;
  ROOKERY_CHECK(net_.width(outputs_->ranking->item) == net_.width(outputs_->ranking->query) + 1);
}

std::unique_ptr<Model::Scratch> NetModel::MakeScratch() const {
  auto buffers = std::make_unique<Buffers>();
  buffers->net = net_.MakeScratch();
  return buffers;
}

void NetModel::Run(const ModelInput& input, const float* dense, const DropoutStream* dropout,
                   Model::Scratch& scratch, float* outputs) const {
  Net::Scratch& net = static_cast<Buffers&>(scratch).net;
  net_.Forward(input, dense, dropout, net);
  const float* value = net_.ValueOf(outputs_->output, input, net);
  const float bias = bias_ ? dense[bias_->offset] : 0.0F;
  for (std::size_t i = 0; i < input.examples * this->outputs(); ++i) outputs[i] = value[i] + bias;
}

void NetModel::Infer(const ModelInput& input, const float* dense, Model::Scratch& scratch,
                     float* outputs) const {
  Run(input, dense, nullptr, scratch, outputs);
}

void NetModel::Forward(const ModelInput& input, const float* dense, const DropoutStream& dropout,
                       Model::Scratch& scratch, float* outputs) const {
  Run(input, dense, &dropout, scratch, outputs);
}

void NetModel::Backward(const ModelInput& input, const float* dense, const float* d_outputs,
                        Model::Scratch& scratch, ModelGradients& gradients) const {
  net_.Backward(input, dense, {&outputs_->output, 1}, {&d_outputs, 1},
                static_cast<Buffers&>(scratch).net, gradients);
  if (bias_) gradients.dense[bias_->offset] = Sum(d_outputs, input.examples);
}

void NetModel::Take(NetValue value, const ModelInput& input, std::span<const float> dense,
                    Model::Scratch& scratch, std::span<float> to) const {
  if (input.examples == 0) return;
  Net::Scratch& net = static_cast<Buffers&>(scratch).net;
  net_.Forward(input, dense.data(), nullptr, net);
  std::copy_n(net_.ValueOf(value, input, net), input.examples * net_.width(value), to.data());
}

void NetModel::RankingQueries(const ModelInput& input, std::span<const float> dense,
                              Model::Scratch& scratch, std::span<float> queries) const {
  Take(outputs_->ranking->query, input, dense, scratch, queries);
}

void NetModel::RankingItems(const ModelInput& input, std::span<const float> dense,
                            Model::Scratch& scratch, std::span<float> items) const {
  Take(outputs_->ranking->item, input, dense, scratch, items);
}

void NetModel::RoundWeights(std::span<const float> dense, Model::Scratch& scratch) const {
  net_.RoundWeights(dense.data(), static_cast<Buffers&>(scratch).net);
}

void NetModel::Describe(GraphBuilder& graph) const {
  GraphBuilder::Value sum = net_.Describe(graph, {&outputs_->output, 1})[0];
  if (bias_) sum = graph.AddParameter(sum, bias_->name);
  graph.Output(IsBinary(loss()) ? graph.Sigmoid(sum) : sum);
}

}  // namespace rookery
