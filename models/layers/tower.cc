#include "models/layers/tower.h"

#include <utility>

#include "common/error.h"
#include "models/layers/dropout.h"

namespace rookery {
namespace {

const float* BiasOf(const std::optional<DenseBlock>& bias, const float* dense) {
  return bias ? dense + bias->offset : nullptr;
}

}  // namespace

Tower::Tower(const std::string& name, std::size_t inputs, const TowerOptions& options,
             DenseLayout& layout)
    : options_(options),
      layers_(MakeLayers(name, inputs, options, layout)),
      output_(name + ".output", layers_.empty() ? inputs : layers_.back().linear.outputs(),
              options.outputs, layout),
      relu_bf16_(MakeReluBf16()) {}

std::optional<ReluTowerBf16> Tower::MakeReluBf16() const {
  const bool plain = options_.activation == Activation::kRelu && options_.norm == NormKind::kNone &&
                     options_.dropout == 0 && options_.outputs == 1;
  if (options_.dtype != Dtype::kBf16 || !plain || layers_.empty()) return std::nullopt;
  std::vector<ReluTowerBf16::Layer> layers;
  for (const Layer& layer : layers_) layers.push_back({layer.linear, layer.bias->offset});
  return ReluTowerBf16(std::move(layers), output_.weight().offset);
}

std::vector<Tower::Layer> Tower::MakeLayers(const std::string& name, std::size_t inputs,
                                            const TowerOptions& options, DenseLayout& layout) {
  std::vector<Layer> layers;
  for (const std::uint32_t width : options.hidden) {
    const std::string layer = StrCat(name, ".", layers.size());
    Linear linear(layer, inputs, width, layout);
    std::unique_ptr<Norm> norm = MakeNorm(options.norm, layer, width, layout);
    std::optional<DenseBlock> bias;
    if (!norm) bias = layout.AddConstant(layer + ".bias", 1, width, 0);
    HiddenActivation activation(options.activation, layer, width, layout);
    layers.push_back({std::move(linear), std::move(bias), std::move(norm), std::move(activation)});
    inputs = width;
  }
  return layers;
}

void Tower::Predict(std::size_t examples, const float* dense, const float* x, Scratch& scratch,
                    float* output) const {
  scratch.layers.resize(layers_.size());
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    const std::size_t width = layer.linear.outputs();
    float* y = scratch.layers[i].activated.Grow(examples * width);
    if (scratch.rounded_weights.empty()) {
      layer.linear.Forward(examples, dense, x, y);
    } else {
      layer.linear.PredictBf16(examples, scratch.rounded_weights[i].data(), x, scratch.rounded_x,
                               y);
    }
    if (layer.norm) layer.norm->Infer(examples, dense, y);
    layer.activation.Infer(examples, dense, BiasOf(layer.bias, dense), scratch.layers[i].activation,
                           y);
    x = y;
  }
  output_.Forward(examples, dense, x, output);
}

void Tower::RoundWeights(const float* dense, Scratch& scratch) const {
  scratch.rounded_weights.resize(layers_.size());
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const DenseBlock& weight = layers_[i].linear.weight();
    const std::size_t count = layers_[i].linear.inputs() * layers_[i].linear.outputs();
    ToBf16(dense + weight.offset, count, scratch.rounded_weights[i].Grow(count));
  }
}

void Tower::Forward(std::size_t examples, const float* dense, const float* x,
                    const DropoutStream& dropout, Scratch& scratch, float* output) const {
  if (relu_bf16_) return relu_bf16_->Forward(examples, dense, x, scratch.relu_bf16, output);
  scratch.layers.resize(layers_.size());
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    Scratch::Layer& kept = scratch.layers[i];
    const std::size_t width = layer.linear.outputs();
    const std::size_t count = examples * width;
    float* y = kept.activated.Grow(count);
    if (options_.dtype == Dtype::kBf16) {
      layer.linear.ForwardBf16(examples, dense, x, kept.bf16, y);
    } else {
      layer.linear.Forward(examples, dense, x, y);
    }
    if (layer.norm) layer.norm->Forward(examples, dense, kept.norm, y);
    layer.activation.Forward(examples, dense, BiasOf(layer.bias, dense), kept.activation, y);
    x = y;
    if (options_.dropout > 0) {
      kept.mask.resize(count);
      float* dropped = kept.dropped.Grow(count);
      DropoutForward(dropout, options_.dropout_layer + i, options_.dropout, count, y, dropped,
                     kept.mask.data());
      x = dropped;
    }
  }
  output_.Forward(examples, dense, x, output);
}

const float* Tower::InputOf(std::size_t layer, const float* x, const Scratch& scratch) const {
  if (layer == 0) return x;
  const Scratch::Layer& below = scratch.layers[layer - 1];
  return options_.dropout > 0 ? below.dropped.data() : below.activated.data();
}

void Tower::Backward(std::size_t examples, const float* dense, const float* x,
                     const float* d_output, Scratch& scratch, float* dense_gradient,
                     std::size_t dx_columns, float* dx) const {
  if (relu_bf16_) {
    return relu_bf16_->Backward(examples, dense, d_output, scratch.relu_bf16, dense_gradient,
                                dx_columns, dx);
  }
  // The gradient of `linear`'s input goes to dx at the bottom, to a buffer above it.
  const auto backward = [&](const Linear& linear, std::size_t level, const float* dy,
                            FloatBuffer& buffer) {
    const std::size_t columns = level == 0 ? dx_columns : linear.inputs();
    float* out = level == 0 ? dx : buffer.Grow(examples * columns);
    if (options_.dtype == Dtype::kBf16 && level < layers_.size()) {
      linear.BackwardBf16(examples, dy, scratch.layers[level].bf16, dense_gradient, columns, out);
    } else {
      linear.Backward(examples, dense, InputOf(level, x, scratch), dy, dense_gradient, columns,
                      out);
    }
  };
  backward(output_, layers_.size(), d_output, scratch.gradient);
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const Layer& layer = layers_[i];
    Scratch::Layer& kept = scratch.layers[i];
    const std::size_t width = layer.linear.outputs();
    float* dy = scratch.gradient.data();
    if (options_.dropout > 0) {
      DropoutBackward(options_.dropout, examples * width, kept.mask.data(), dy);
    }
    layer.activation.Backward(examples, dense, kept.activated.data(), kept.activation, dy,
                              layer.bias ? dense_gradient + layer.bias->offset : nullptr,
                              dense_gradient);
    if (layer.norm) layer.norm->Backward(examples, dense, kept.norm, dy, dense_gradient);
    backward(layer.linear, i, dy, scratch.next_gradient);
    std::swap(scratch.gradient, scratch.next_gradient);
  }
}

GraphBuilder::Value Tower::Describe(GraphBuilder& graph, GraphBuilder::Value x) const {
  for (const Layer& layer : layers_) {
    x = graph.Linear(x, layer.linear.weight_name(), layer.bias ? layer.bias->name : "");
    if (layer.norm) x = layer.norm->Describe(graph, x);
    x = layer.activation.Describe(graph, x);
  }
  return graph.Linear(x, output_.weight_name(), "");
}

}  // namespace rookery
