// Layers that work element by element, and how a net begins.
#include "models/net/basic_layers.h"

#include <algorithm>
#include <utility>

#include "models/vector_math.h"

namespace rookery {
namespace {

using Graph = GraphBuilder;
using GraphValues = std::span<const GraphBuilder::Value>;

class SumLayer final : public Layer {
 public:
  void Forward(const Call& call, float* y) const override {
    const std::size_t count = call.rows * call.inputs[0].width;
    std::copy_n(call.inputs[0].x, count, y);
    for (const Input& input : call.inputs.subspan(1)) AddScaled(1, input.x, count, y);
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    for (const Input& input : call.inputs) {
      if (input.dx != nullptr) AddScaled(1, dy, call.rows * input.width, input.dx);
    }
  }
  Graph::Value Describe(Graph& graph, GraphValues inputs) const override {
    Graph::Value sum = inputs[0];
    for (const Graph::Value value : inputs.subspan(1)) sum = graph.Add(sum, value);
    return sum;
  }
};

class ProductLayer final : public Layer {
 public:
  void Forward(const Call& call, float* y) const override {
    const float* a = call.inputs[0].x;
    const float* b = call.inputs[1].x;
    const std::size_t count = call.rows * call.inputs[0].width;
    for (std::size_t i = 0; i < count; ++i) y[i] = a[i] * b[i];
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const std::size_t count = call.rows * call.inputs[0].width;
    for (const bool second : {false, true}) {
      const float* other = call.inputs[second ? 0 : 1].x;
      float* dx = call.inputs[second ? 1 : 0].dx;
      if (dx == nullptr) continue;
      for (std::size_t i = 0; i < count; ++i) dx[i] += dy[i] * other[i];
    }
  }
  Graph::Value Describe(Graph& graph, GraphValues inputs) const override {
    return graph.Multiply(inputs[0], inputs[1]);
  }
};

class ScaledRowsLayer final : public Layer {
 public:
  void Forward(const Call& call, float* y) const override {
    const auto& [x, width, dx] = call.inputs[0];
    const float* s = call.inputs[1].x;
    for (std::size_t b = 0; b < call.rows; ++b) {
      for (std::size_t i = 0; i < width; ++i) y[b * width + i] = x[b * width + i] * s[b];
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const auto& [x, width, dx] = call.inputs[0];
    const auto& [s, one, ds] = call.inputs[1];
    for (std::size_t b = 0; b < call.rows; ++b) {
      const std::size_t row = b * width;
      if (dx != nullptr) AddScaled(s[b], dy + row, width, dx + row);
      if (ds != nullptr) ds[b] += Dot(x + row, dy + row, width);
    }
  }
  Graph::Value Describe(Graph& graph, GraphValues inputs) const override {
    return graph.Multiply(inputs[0], inputs[1]);
  }
};

class BiasLayer final : public Layer {
 public:
  explicit BiasLayer(DenseBlock bias) : bias_(std::move(bias)) {}

  void Forward(const Call& call, float* y) const override {
    const auto& [x, width, dx] = call.inputs[0];
    std::copy_n(x, call.rows * width, y);
    for (std::size_t b = 0; b < call.rows; ++b) {
      AddScaled(1, call.dense + bias_.offset, width, y + b * width);
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy, float* d_dense) const override {
    const auto& [x, width, dx] = call.inputs[0];
    std::fill_n(d_dense + bias_.offset, width, 0.0F);
    for (std::size_t b = 0; b < call.rows; ++b) {
      AddScaled(1, dy + b * width, width, d_dense + bias_.offset);
    }
    if (dx != nullptr) AddScaled(1, dy, call.rows * width, dx);
  }
  Graph::Value Describe(Graph& graph, GraphValues inputs) const override {
    return graph.AddParameter(inputs[0], bias_.name);
  }

 private:
  const DenseBlock bias_;
};

class ScaleLayer final : public Layer {
 public:
  explicit ScaleLayer(float factor) : factor_(factor) {}

  void Forward(const Call& call, float* y) const override {
    const std::size_t count = call.rows * call.inputs[0].width;
    for (std::size_t i = 0; i < count; ++i) y[i] = factor_ * call.inputs[0].x[i];
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const auto& [x, width, dx] = call.inputs[0];
    if (dx != nullptr) AddScaled(factor_, dy, call.rows * width, dx);
  }
  Graph::Value Describe(Graph& graph, GraphValues inputs) const override {
    return graph.Scale(inputs[0], factor_);
  }

 private:
  const float factor_;
};

class SumColumnsLayer final : public Layer {
 public:
  void Forward(const Call& call, float* y) const override {
    const auto& [x, width, dx] = call.inputs[0];
    for (std::size_t b = 0; b < call.rows; ++b) y[b] = Sum(x + b * width, width);
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const auto& [x, width, dx] = call.inputs[0];
    if (dx == nullptr) return;
    for (std::size_t b = 0; b < call.rows; ++b) {
      for (std::size_t i = 0; i < width; ++i) dx[b * width + i] += dy[b];
    }
  }
  Graph::Value Describe(Graph& graph, GraphValues inputs) const override {
    return graph.SumColumns(inputs[0]);
  }
};

class ActivationLayer final : public Layer {
 public:
  ActivationLayer(Activation activation, const std::string& name, std::size_t width,
                  DenseLayout& layout)
      : activation_(activation, name, width, layout) {}

  std::unique_ptr<State> MakeState() const override { return std::make_unique<Work>(); }
  void Forward(const Call& call, float* y) const override {
    auto& work = *static_cast<Work*>(call.state);
    std::copy_n(call.inputs[0].x, call.rows * call.inputs[0].width, y);
    if (call.dropout == nullptr) {
      activation_.Infer(call.rows, call.dense, nullptr, work.activation, y);
    } else {
      activation_.Forward(call.rows, call.dense, nullptr, work.activation, y);
    }
  }
  void Backward(const Call& call, const float* y, float* dy, float* d_dense) const override {
    const auto& [x, width, dx] = call.inputs[0];
    auto& work = *static_cast<Work*>(call.state);
    activation_.Backward(call.rows, call.dense, y, work.activation, dy, nullptr, d_dense);
    if (dx != nullptr) AddScaled(1, dy, call.rows * width, dx);
  }
  Graph::Value Describe(Graph& graph, GraphValues inputs) const override {
    return activation_.Describe(graph, inputs[0]);
  }

 private:
  struct Work final : State {
    HiddenActivation::State activation;
  };
  const HiddenActivation activation_;
};

}  // namespace

NetValue AddSum(NetBuilder& net, const std::vector<NetValue>& inputs) {
  if (inputs.size() == 1) return inputs[0];
  return net.Add(std::make_unique<SumLayer>(), inputs, net.width(inputs[0]));
}

NetValue AddProduct(NetBuilder& net, NetValue a, NetValue b) {
  return net.Add(std::make_unique<ProductLayer>(), {a, b}, net.width(a));
}

NetValue AddInputs(NetBuilder& net, const ModelTable& table, std::uint32_t numeric) {
  std::vector<NetValue> inputs = {net.Embeddings(table, 0)};
  if (numeric > 0) inputs.push_back(net.Numeric(numeric));
  return net.Concat(inputs);
}

NetValue AddScaledRows(NetBuilder& net, NetValue x, NetValue s) {
  return net.Add(std::make_unique<ScaledRowsLayer>(), {x, s}, net.width(x));
}

NetValue AddBias(NetBuilder& net, const std::string& name, NetValue x, float start) {
  DenseBlock bias = net.layout().AddConstant(name, 1, net.width(x), start);
  return net.Add(std::make_unique<BiasLayer>(std::move(bias)), {x}, net.width(x));
}

NetValue AddScale(NetBuilder& net, NetValue x, float factor) {
  return net.Add(std::make_unique<ScaleLayer>(factor), {x}, net.width(x));
}

NetValue AddSumColumns(NetBuilder& net, NetValue x) {
  return net.Add(std::make_unique<SumColumnsLayer>(), {x}, 1);
}

NetValue AddActivation(NetBuilder& net, const std::string& name, NetValue x,
                       Activation activation) {
  return net.Add(std::make_unique<ActivationLayer>(activation, name, net.width(x), net.layout()),
                 {x}, net.width(x));
}

}  // namespace rookery
