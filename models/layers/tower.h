// Tower: hidden layers and a last linear layer without a bias (the model has one), of one output
// unless TowerOptions says more.
//
//   hidden layer i   linear -> norm -> activation -> dropout; without a norm the linear has a bias,
//                    with one the norm's shift takes its place
//
// With dtype bf16 training multiplies in bf16 (layers/linear.h); a relu tower without norm and
// dropout keeps everything in bf16 (layers/relu_tower_bf16.h). Predict is fp32 unless RoundWeights
// was called.
//
// Blocks   NAME.i.weight, NAME.i.bias | NAME.i.gain ..., those of the activation,
// NAME.output.weight Shapes   x [B, inputs], contiguous; output [B, outputs]. Threads  immutable;
// const methods from any thread, each with a Scratch of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "models/bf16.h"
#include "models/dense_layout.h"
#include "models/float_buffer.h"
#include "models/graph.h"
#include "models/layers/activation.h"
#include "models/layers/hidden_activation.h"
#include "models/layers/linear.h"
#include "models/layers/norm.h"
#include "models/layers/relu_tower_bf16.h"
#include "models/model.h"

namespace rookery {

struct TowerOptions {
  std::vector<std::uint32_t> hidden;
  Activation activation = Activation::kRelu;
  NormKind norm = NormKind::kNone;
  float dropout = 0;
  Dtype dtype = Dtype::kFp32;
  std::uint32_t outputs = 1;  // of the last layer
  // Hidden layer i's dropout is number dropout_layer + i of the model's; for a second tower.
  std::uint32_t dropout_layer = 0;
};

class Tower {
 public:
  struct Scratch {
    struct Layer {
      FloatBuffer activated;  // [B, width]
      FloatBuffer dropped;    // [B, width], with dropout
      std::vector<std::uint8_t> mask;
      Norm::State norm;
      HiddenActivation::State activation;
      Linear::Bf16Copies bf16;
    };
    std::vector<Layer> layers;
    FloatBuffer gradient, next_gradient;  // [B, width]
    ReluTowerBf16::Scratch relu_bf16;

    // Of RoundWeights: one for each hidden layer, or none.
    std::vector<GrowBuffer<Bf16>> rounded_weights;
    GrowBuffer<Bf16> rounded_x;
  };

  Tower(const std::string& name, std::size_t inputs, const TowerOptions& options,
        DenseLayout& layout);

  // The weight whose rows are those of x.
  [[nodiscard]] const DenseBlock& input_weight() const {
    return layers_.empty() ? output_.weight() : layers_.front().linear.weight();
  }
  void Predict(std::size_t examples, const float* dense, const float* x, Scratch& scratch,
               float* output) const;
  // From now on Predict with this scratch multiplies the hidden layers in bf16, by weights that are
  // rounded here once.
  void RoundWeights(const float* dense, Scratch& scratch) const;
  // Forward keeps in `scratch` what Backward needs. `x` must be the same in both.
  void Forward(std::size_t examples, const float* dense, const float* x,
               const DropoutStream& dropout, Scratch& scratch, float* output) const;
  // Overwrites the gradients of the tower's blocks, and of the first dx_columns columns of x:
  // dx [B, dx_columns].
  void Backward(std::size_t examples, const float* dense, const float* x, const float* d_output,
                Scratch& scratch, float* dense_gradient, std::size_t dx_columns, float* dx) const;
  GraphBuilder::Value Describe(GraphBuilder& graph, GraphBuilder::Value x) const;

 private:
  struct Layer {
    Linear linear;
    std::optional<DenseBlock> bias;
    std::unique_ptr<Norm> norm;
    HiddenActivation activation;
  };

  [[nodiscard]] std::optional<ReluTowerBf16> MakeReluBf16() const;
  static std::vector<Layer> MakeLayers(const std::string& name, std::size_t inputs,
                                       const TowerOptions& options, DenseLayout& layout);
  // Layer i's input in Backward: the output of the layer below.
  [[nodiscard]] const float* InputOf(std::size_t layer, const float* x,
                                     const Scratch& scratch) const;

  TowerOptions options_;
  std::vector<Layer> layers_;
  Linear output_;
  std::optional<ReluTowerBf16> relu_bf16_;
};

}  // namespace rookery
