#include "models/net/softmax_layers.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "models/vector_math.h"

namespace rookery {
namespace {

using Graph = GraphBuilder;
using GraphValues = std::span<const GraphBuilder::Value>;

class SoftmaxLayer final : public Layer {
 public:
  void Forward(const Call& call, float* y) const override {
    const auto& [x, width, dx] = call.inputs[0];
    for (std::size_t r = 0; r < call.rows; ++r) Share(x + r * width, width, y + r * width);
  }
  void Backward(const Call& call, const float* y, float* dy, float* /*d_dense*/) const override {
    const auto& [x, width, dx] = call.inputs[0];
    if (dx == nullptr) return;
    for (std::size_t r = 0; r < call.rows; ++r, y += width, dy += width) {
      const float mean = Dot(y, dy, width);
      for (std::size_t i = 0; i < width; ++i) dx[r * width + i] += y[i] * (dy[i] - mean);
    }
  }
  Graph::Value Describe(Graph& graph, GraphValues inputs) const override {
    return graph.Softmax(inputs[0]);
  }

 private:
  static void Share(const float* x, std::size_t width, float* y) {
    const float largest = *std::max_element(x, x + width);
    float sum = 0;
    for (std::size_t i = 0; i < width; ++i) sum += y[i] = std::exp(x[i] - largest);
    for (std::size_t i = 0; i < width; ++i) y[i] /= sum;
  }
};

class LogSumExpLayer final : public Layer {
 public:
  void Forward(const Call& call, float* y) const override {
    const auto& [x, width, dx] = call.inputs[0];
    for (std::size_t r = 0; r < call.rows; ++r) {
      const float* row = x + r * width;
      const float largest = *std::max_element(row, row + width);
      float sum = 0;
      for (std::size_t i = 0; i < width; ++i) sum += std::exp(row[i] - largest);
      y[r] = largest + std::log(sum);
    }
  }
  void Backward(const Call& call, const float* y, float* dy, float* /*d_dense*/) const override {
    const auto& [x, width, dx] = call.inputs[0];
    if (dx == nullptr) return;
    for (std::size_t r = 0; r < call.rows; ++r) {
      for (std::size_t i = r * width; i < (r + 1) * width; ++i) {
        dx[i] += dy[r] * std::exp(x[i] - y[r]);
      }
    }
  }
  Graph::Value Describe(Graph& graph, GraphValues inputs) const override {
    return graph.LogSumExp(inputs[0]);
  }
};

}  // namespace

NetValue AddSoftmax(NetBuilder& net, NetValue x) {
  return net.Add(std::make_unique<SoftmaxLayer>(), {x}, net.width(x));
}

NetValue AddLogSumExp(NetBuilder& net, NetValue x) {
  return net.Add(std::make_unique<LogSumExpLayer>(), {x}, 1);
}

}  // namespace rookery
