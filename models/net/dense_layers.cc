// Layers with weights that products of matrices do: linear maps and towers.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "common/check.h"
#include "models/layers/linear.h"
#include "models/net/basic_layers.h"
#include "models/net/group_layers.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

using Graph = GraphBuilder;
using GraphValues = std::span<const GraphBuilder::Value>;

class LinearLayer final : public Layer {
 public:
  // Of every group of columns; 1: of all columns.
  LinearLayer(const std::string& name, std::size_t groups, std::size_t inputs, std::size_t outputs,
              bool bias, DenseLayout& layout)
      : groups_(groups), linear_(name, inputs, outputs, layout) {
    if (bias) bias_ = layout.AddConstant(name + ".bias", 1, outputs, 0);
  }

  std::unique_ptr<State> MakeState() const override { return std::make_unique<Work>(); }
  void Forward(const Call& call, float* y) const override {
    const std::size_t rows = call.rows * groups_;
    linear_.Forward(rows, call.dense, call.inputs[0].x, y);
    if (!bias_) return;
    for (std::size_t r = 0; r < rows; ++r, y += linear_.outputs()) {
      AddScaled(1, call.dense + bias_->offset, linear_.outputs(), y);
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy, float* d_dense) const override {
    const std::size_t rows = call.rows * groups_, inputs = linear_.inputs();
    const auto& [x, width, dx] = call.inputs[0];
    float* product = nullptr;
    if (dx != nullptr) product = static_cast<Work*>(call.state)->dx.Grow(rows * inputs);
    linear_.Backward(rows, call.dense, x, dy, d_dense, dx != nullptr ? inputs : 0, product);
    if (dx != nullptr) AddScaled(1, product, rows * inputs, dx);
    if (!bias_) return;
    std::fill_n(d_dense + bias_->offset, linear_.outputs(), 0.0F);
    for (std::size_t r = 0; r < rows; ++r, dy += linear_.outputs()) {
      AddScaled(1, dy, linear_.outputs(), d_dense + bias_->offset);
    }
  }
  Graph::Value Describe(Graph& graph, GraphValues inputs) const override {
    return graph.GroupLinear(inputs[0], static_cast<std::uint32_t>(groups_), linear_.weight_name(),
                             bias_ ? bias_->name : "");
  }
  std::string InputBlock() const override { return groups_ == 1 ? linear_.weight_name() : ""; }

 private:
  struct Work final : State {
    FloatBuffer dx;
  };
  const std::size_t groups_;
  Linear linear_;
  std::optional<DenseBlock> bias_;
};

class TowerLayer final : public Layer {
 public:
  TowerLayer(const std::string& name, std::size_t inputs, const TowerOptions& options,
             DenseLayout& layout)
      : tower_(name, inputs, options, layout) {}

  std::unique_ptr<State> MakeState() const override { return std::make_unique<Work>(); }
  void Forward(const Call& call, float* y) const override {
    Tower::Scratch& scratch = static_cast<Work*>(call.state)->tower;
    const float* x = call.inputs[0].x;
    if (call.dropout == nullptr) return tower_.Predict(call.rows, call.dense, x, scratch, y);
    tower_.Forward(call.rows, call.dense, x, *call.dropout, scratch, y);
  }
  void Backward(const Call& call, const float* /*y*/, float* dy, float* d_dense) const override {
    const auto& [x, width, dx] = call.inputs[0];
    auto& work = *static_cast<Work*>(call.state);
    const std::size_t columns = dx != nullptr ? width : 0;
    float* of_tower = work.dx.Grow(call.rows * columns);
    tower_.Backward(call.rows, call.dense, x, dy, work.tower, d_dense, columns, of_tower);
    if (dx != nullptr) AddScaled(1, of_tower, call.rows * columns, dx);
  }
  Graph::Value Describe(Graph& graph, GraphValues inputs) const override {
    return tower_.Describe(graph, inputs[0]);
  }
  std::string InputBlock() const override { return tower_.input_weight().name; }
  void RoundWeights(const float* dense, State* state) const override {
    tower_.RoundWeights(dense, static_cast<Work*>(state)->tower);
  }

 private:
  struct Work final : State {
    Tower::Scratch tower;
    FloatBuffer dx;
  };
  Tower tower_;
};

}  // namespace

NetValue AddLinear(NetBuilder& net, const std::string& name, NetValue x, std::size_t outputs,
                   bool bias) {
  return AddGroupLinear(net, name, x, 1, outputs, bias);
}

NetValue AddGroupLinear(NetBuilder& net, const std::string& name, NetValue x, std::size_t groups,
                        std::size_t outputs, bool bias) {
  ROOKERY_CHECK(net.width(x) % groups == 0);
  auto layer = std::make_unique<LinearLayer>(name, groups, net.width(x) / groups, outputs, bias,
                                             net.layout());
  return net.Add(std::move(layer), {x}, groups * outputs);
}

NetValue AddTower(NetBuilder& net, const std::string& name, NetValue x,
                  const TowerOptions& options) {
  auto layer = std::make_unique<TowerLayer>(name, net.width(x), options, net.layout());
  return net.Add(std::move(layer), {x}, options.outputs);
}

}  // namespace rookery
