#include "models/net/row_layers.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "common/check.h"
#include "models/layers/dropout.h"
#include "models/layers/norm.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

class NormLayer final : public Layer {
 public:
  explicit NormLayer(std::unique_ptr<Norm> norm) : norm_(std::move(norm)) {}

  std::unique_ptr<State> MakeState() const override { return std::make_unique<Work>(); }
  void Forward(const Call& call, float* y) const override {
    std::copy_n(call.inputs[0].x, call.rows * call.inputs[0].width, y);
    if (call.dropout == nullptr) return norm_->Infer(call.rows, call.dense, y);
    norm_->Forward(call.rows, call.dense, static_cast<Work*>(call.state)->norm, y);
  }
  void Backward(const Call& call, const float* /*y*/, float* dy, float* d_dense) const override {
    const auto& [x, width, dx] = call.inputs[0];
    norm_->Backward(call.rows, call.dense, static_cast<Work*>(call.state)->norm, dy, d_dense);
    if (dx != nullptr) AddScaled(1, dy, call.rows * width, dx);
  }
  GraphBuilder::Value Describe(GraphBuilder& graph,
                               std::span<const GraphBuilder::Value> inputs) const override {
    return norm_->Describe(graph, inputs[0]);
  }

 private:
  struct Work final : State {
    Norm::State norm;
  };
  const std::unique_ptr<Norm> norm_;
};

class DropoutLayer final : public Layer {
 public:
  DropoutLayer(float probability, std::size_t layer) : probability_(probability), layer_(layer) {}

  std::unique_ptr<State> MakeState() const override { return std::make_unique<Work>(); }
  void Forward(const Call& call, float* y) const override {
    const std::size_t count = call.rows * call.inputs[0].width;
    auto& work = *static_cast<Work*>(call.state);
    work.dropped = call.dropout != nullptr;
    if (!work.dropped) {
      std::copy_n(call.inputs[0].x, count, y);
      return;
    }
    DropoutForward(*call.dropout, layer_, probability_, count, call.inputs[0].x, y,
                   work.mask.Grow(count));
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const auto& [x, width, dx] = call.inputs[0];
    if (dx == nullptr) return;
    const std::size_t count = call.rows * width;
    const auto& work = *static_cast<Work*>(call.state);
    if (work.dropped) DropoutBackward(probability_, count, work.mask.data(), dy);
    AddScaled(1, dy, count, dx);
  }
  GraphBuilder::Value Describe(GraphBuilder& /*graph*/,
                               std::span<const GraphBuilder::Value> inputs) const override {
    return inputs[0];
  }

 private:
  struct Work final : State {
    GrowBuffer<std::uint8_t> mask;
    bool dropped = false;
  };
  const float probability_;
  const std::size_t layer_;
};

class MaxGroupsLayer final : public Layer {
 public:
  explicit MaxGroupsLayer(std::size_t groups) : groups_(groups) {}

  std::unique_ptr<State> MakeState() const override { return std::make_unique<Work>(); }
  void Forward(const Call& call, float* y) const override {
    const std::size_t all = call.inputs[0].width, width = all / groups_;
    std::uint32_t* best = static_cast<Work*>(call.state)->best.Grow(call.rows * width);
    for (std::size_t b = 0; b < call.rows; ++b, y += width, best += width) {
      const float* x = call.inputs[0].x + b * all;
      std::copy_n(x, width, y);
      std::fill_n(best, width, 0U);
      for (std::size_t g = 1; g < groups_; ++g) {
        for (std::size_t i = 0; i < width; ++i) {
          if (!(x[g * width + i] > y[i])) continue;
          y[i] = x[g * width + i];
          best[i] = static_cast<std::uint32_t>(g);
        }
      }
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const auto& [x, all, dx] = call.inputs[0];
    if (dx == nullptr) return;
    const std::size_t width = all / groups_;
    const std::uint32_t* best = static_cast<Work*>(call.state)->best.data();
    for (std::size_t b = 0; b < call.rows; ++b) {
      for (std::size_t i = 0; i < width; ++i) {
        dx[b * all + best[b * width + i] * width + i] += dy[b * width + i];
      }
    }
  }
  GraphBuilder::Value Describe(GraphBuilder& graph,
                               std::span<const GraphBuilder::Value> inputs) const override {
    return graph.MaxGroups(inputs[0], static_cast<std::uint32_t>(groups_));
  }

 private:
  struct Work final : State {
    GrowBuffer<std::uint32_t> best;  // [R, width]: the group taken
  };
  const std::size_t groups_;
};

}  // namespace

NetValue AddNorm(NetBuilder& net, const std::string& name, NetValue x, NormKind kind) {
  std::unique_ptr<Norm> norm = MakeNorm(kind, name, net.width(x), net.layout());
  if (norm == nullptr) return x;
  return net.Add(std::make_unique<NormLayer>(std::move(norm)), {x}, net.width(x));
}

NetValue AddLayerNorm(NetBuilder& net, const std::string& name, NetValue x) {
  return AddNorm(net, name, x, NormKind::kLayer);
}

NetValue AddDropout(NetBuilder& net, NetValue x, float probability, std::size_t layer) {
  if (probability == 0) return x;
  return net.Add(std::make_unique<DropoutLayer>(probability, layer), {x}, net.width(x));
}

NetValue AddMaxGroups(NetBuilder& net, NetValue x, std::size_t groups) {
  ROOKERY_CHECK(net.width(x) % groups == 0);
  return net.Add(std::make_unique<MaxGroupsLayer>(groups), {x}, net.width(x) / groups);
}

}  // namespace rookery
