#include "models/net/latent_layer.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "models/layers/dropout.h"

namespace rookery {
namespace {

class LatentLayer final : public Layer {
 public:
  LatentLayer(std::size_t width, float weight, std::size_t layer)
      : width_(static_cast<std::uint32_t>(width)), weight_(weight), layer_(layer) {}

  std::unique_ptr<State> MakeState() const override { return std::make_unique<Work>(); }
  void Forward(const Call& call, float* y) const override {
    const std::size_t width = call.inputs[0].width / 2;
    auto& work = *static_cast<Work*>(call.state);
    work.penalty = 0;
    work.noise.assign(call.rows * width, 0);
    if (call.dropout != nullptr) {
      Random random = DropoutNumbers(*call.dropout, layer_);
      for (float& e : work.noise) e = static_cast<float>(random.NextNormal());
    }
    for (std::size_t r = 0; r < call.rows; ++r) {
      const float* mean = call.inputs[0].x + r * 2 * width;
      const float* spread = mean + width;
      for (std::size_t i = 0; i < width; ++i) {
        y[r * width + i] = mean[i] + std::exp(spread[i] / 2) * work.noise[r * width + i];
        work.penalty +=
            0.5 * weight_ *
            (double{mean[i]} * double{mean[i]} + std::expm1(double{spread[i]}) - double{spread[i]});
      }
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const auto& [x, both, dx] = call.inputs[0];
    if (dx == nullptr) return;
    const std::size_t width = both / 2;
    const auto& noise = static_cast<Work*>(call.state)->noise;
    for (std::size_t r = 0; r < call.rows; ++r) {
      for (std::size_t i = 0; i < width; ++i) {
        const std::size_t mean = r * both + i, spread = mean + width;
        const float d = dy[r * width + i];
        dx[mean] += d + weight_ * x[mean];
        dx[spread] += d * noise[r * width + i] * std::exp(x[spread] / 2) / 2 +
                      weight_ * std::expm1(x[spread]) / 2;
      }
    }
  }
  double PenaltyOf(const State& state) const override {
    return static_cast<const Work&>(state).penalty;
  }
  GraphBuilder::Value Describe(GraphBuilder& graph,
                               std::span<const GraphBuilder::Value> inputs) const override {
    return graph.GroupColumns(inputs[0], 1, 0, width_);
  }

 private:
  struct Work final : State {
    std::vector<float> noise;
    double penalty = 0;
  };
  const std::uint32_t width_;
  const float weight_;
  const std::size_t layer_;
};

}  // namespace

NetValue AddLatent(NetBuilder& net, NetValue x, float weight, std::size_t layer) {
  const std::size_t width = net.width(x) / 2;
  return net.Add(std::make_unique<LatentLayer>(width, weight, layer), {x}, width);
}

}  // namespace rookery
