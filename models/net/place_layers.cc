// Layers over sequences that are about where in its example an element is.
#include <algorithm>
#include <memory>
#include <utility>

#include "models/net/sequence_layer.h"
#include "models/net/sequence_layers.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

class PositionsLayer final : public SequenceLayer {
 public:
  PositionsLayer(DenseBlock block, std::size_t length)
      : block_(std::move(block)), length_(length) {}

  void Forward(const Call& call, float* y) const override {
    const auto& [x, width, dx] = call.inputs[0];
    std::copy_n(x, call.rows * width, y);
    ForElements(call, [&, columns = width](std::size_t i, std::size_t place) {
      AddScaled(1, call.dense + block_.offset + place * columns, columns, y + i * columns);
    });
  }
  void Backward(const Call& call, const float* /*y*/, float* dy, float* d_dense) const override {
    const auto& [x, width, dx] = call.inputs[0];
    std::fill_n(d_dense + block_.offset, length_ * width, 0.0F);
    ForElements(call, [&, columns = width](std::size_t i, std::size_t place) {
      AddScaled(1, dy + i * columns, columns, d_dense + block_.offset + place * columns);
    });
    if (dx != nullptr) AddScaled(1, dy, call.rows * width, dx);
  }
  GraphBuilder::Value Describe(GraphBuilder& graph,
                               std::span<const GraphBuilder::Value> inputs) const override {
    return graph.Positions(inputs[0], block_.name);
  }

 private:
  // function(element, row of the block).
  template <class Function>
  void ForElements(const Call& call, const Function& function) const {
    for (std::size_t b = 0; b < call.examples; ++b) {
      const std::size_t end = Begin(call, b + 1);
      for (std::size_t i = Begin(call, b); i < end; ++i) {
        function(i, std::min(end - 1 - i, length_ - 1));
      }
    }
  }

  const DenseBlock block_;
  const std::size_t length_;
};

class WindowLayer final : public SequenceLayer {
 public:
  explicit WindowLayer(std::size_t length) : length_(length) {}

  void Forward(const Call& call, float* y) const override {
    const auto& [x, width, dx] = call.inputs[0];
    for (std::size_t b = 0; b < call.examples; ++b) {
      const std::size_t begin = Begin(call, b);
      for (std::size_t i = begin; i < Begin(call, b + 1); ++i, y += length_ * width) {
        const std::size_t known = std::min(length_, i + 1 - begin);
        const std::size_t zeros = (length_ - known) * width;
        std::fill_n(y, zeros, 0.0F);
        std::copy_n(x + (i + 1 - known) * width, known * width, y + zeros);
      }
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const auto& [x, width, dx] = call.inputs[0];
    if (dx == nullptr) return;
    for (std::size_t b = 0; b < call.examples; ++b) {
      const std::size_t begin = Begin(call, b);
      for (std::size_t i = begin; i < Begin(call, b + 1); ++i, dy += length_ * width) {
        const std::size_t known = std::min(length_, i + 1 - begin);
        AddScaled(1, dy + (length_ - known) * width, known * width, dx + (i + 1 - known) * width);
      }
    }
  }
  GraphBuilder::Value Describe(GraphBuilder& graph,
                               std::span<const GraphBuilder::Value> inputs) const override {
    return graph.Window(inputs[0], static_cast<std::uint32_t>(length_));
  }

 private:
  const std::size_t length_;
};

class ReversedLayer final : public SequenceLayer {
 public:
  void Forward(const Call& call, float* y) const override {
    const auto& [x, width, dx] = call.inputs[0];
    for (std::size_t b = 0; b < call.examples; ++b) {
      const std::size_t begin = Begin(call, b), end = Begin(call, b + 1);
      for (std::size_t i = begin; i < end; ++i) {
        std::copy_n(x + i * width, width, y + (begin + end - 1 - i) * width);
      }
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const auto& [x, width, dx] = call.inputs[0];
    if (dx == nullptr) return;
    for (std::size_t b = 0; b < call.examples; ++b) {
      const std::size_t begin = Begin(call, b), end = Begin(call, b + 1);
      for (std::size_t i = begin; i < end; ++i) {
        AddScaled(1, dy + (begin + end - 1 - i) * width, width, dx + i * width);
      }
    }
  }
  GraphBuilder::Value Describe(GraphBuilder& graph,
                               std::span<const GraphBuilder::Value> inputs) const override {
    return graph.Reversed(inputs[0]);
  }
};

}  // namespace

NetValue AddPositions(NetBuilder& net, const std::string& name, NetValue sequence,
                      std::size_t length) {
  const std::size_t width = net.width(sequence);
  DenseBlock block = net.layout().AddNormal(name, length, width, 0.02F);
  return net.Add(std::make_unique<PositionsLayer>(std::move(block), length), {sequence}, width);
}

NetValue AddWindow(NetBuilder& net, NetValue sequence, std::size_t length) {
  return net.Add(std::make_unique<WindowLayer>(length), {sequence}, length * net.width(sequence));
}

NetValue AddReversed(NetBuilder& net, NetValue sequence) {
  return net.Add(std::make_unique<ReversedLayer>(), {sequence}, net.width(sequence));
}

}  // namespace rookery
