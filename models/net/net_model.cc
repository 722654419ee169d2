#include "models/net/net_model.h"

#include <utility>

#include "common/check.h"
#include "common/limits.h"
#include "models/vector_math.h"

namespace rookery {

struct NetModel::Buffers final : OutputBuffers {
  Net::Scratch net;
};

StatusOr<std::unique_ptr<Model>> MakeNetModel(const NetModelOptions& options) {
  auto model = std::make_unique<NetModel>(options);
  std::uint64_t floats = 0;
  for (const DenseBlockSpec& block : model->dense_blocks()) floats += block.size();
  if (floats > kDenseFloatsMax) {
    return InvalidInput("the model has ", floats, " dense weights; at most ", kDenseFloatsMax,
                        " are possible: fewer or narrower layers, or fewer features");
  }
  return std::unique_ptr<Model>(std::move(model));
}

NetModel::NetModel(const NetModelOptions& options)
    : OneOutputModel(options.tables, options.loss),
      bias_(layout_.AddConstant("bias", 1, 1, StartOfOutput(options.loss, options.label_mean))) {
  NetBuilder builder(&layout_);
  output_ = options.build(builder);
  net_ = builder.Take();
  ROOKERY_CHECK(net_.width(output_) == 1);
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
  const float* value = net_.ValueOf(output_, input, net);
  for (std::size_t b = 0; b < input.examples; ++b) outputs[b] = value[b] + dense[bias_.offset];
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
  net_.Backward(input, dense, {&output_, 1}, {&d_outputs, 1}, static_cast<Buffers&>(scratch).net,
                gradients);
  gradients.dense[bias_.offset] = Sum(d_outputs, input.examples);
}

void NetModel::RoundWeights(std::span<const float> dense, Model::Scratch& scratch) const {
  net_.RoundWeights(dense.data(), static_cast<Buffers&>(scratch).net);
}

void NetModel::Describe(GraphBuilder& graph) const {
  const GraphBuilder::Value sum =
      graph.AddParameter(net_.Describe(graph, {&output_, 1})[0], bias_.name);
  graph.Output(loss() == Loss::kBce ? graph.Sigmoid(sum) : sum);
}

}  // namespace rookery
