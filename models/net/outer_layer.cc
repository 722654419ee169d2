#include "models/net/outer_layer.h"

#include <algorithm>
#include <utility>

#include "models/gemm.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

constexpr std::size_t kProductsMax = std::size_t{1} << 18U;  // floats made at a time

class OuterLayer final : public Layer {
 public:
  OuterLayer(const std::string& name, std::size_t groups, std::size_t a_width, std::size_t c_width,
             std::size_t outputs, DenseLayout& layout)
      : groups_(groups),
        a_width_(a_width),
        c_width_(c_width),
        outputs_(outputs),
        weight_(layout.AddWeight(name + ".weight", a_width * c_width, outputs)) {}

  std::unique_ptr<State> MakeState() const override { return std::make_unique<Work>(); }

  void Forward(const Call& call, float* y) const override {
    float* products = static_cast<Work*>(call.state)->products.Grow(ChunkRows() * pairs());
    const float* weight = call.dense + weight_.offset;
    ForChunks(call, [&](std::size_t begin, std::size_t rows) {
      Outer(call.inputs[0].x, call.inputs[1].x, begin, rows, products);
      Gemm(false, false, rows, outputs_, pairs(), 1, products, pairs(), weight, outputs_, 0,
           y + begin * outputs_, outputs_);
    });
  }

  void Backward(const Call& call, const float* /*y*/, float* dy, float* d_dense) const override {
    auto& work = *static_cast<Work*>(call.state);
    float* products = work.products.Grow(ChunkRows() * pairs());
    float* d_products = work.d_products.Grow(ChunkRows() * pairs());
    const float* weight = call.dense + weight_.offset;
    ForChunks(call, [&](std::size_t begin, std::size_t rows) {
      const float* d = dy + begin * outputs_;
      Outer(call.inputs[0].x, call.inputs[1].x, begin, rows, products);
      Gemm(true, false, pairs(), outputs_, rows, 1, products, pairs(), d, outputs_,
           begin == 0 ? 0.0F : 1.0F, d_dense + weight_.offset, outputs_);
      Gemm(false, true, rows, pairs(), outputs_, 1, d, outputs_, weight, outputs_, 0, d_products,
           pairs());
      OuterBackward(call, begin, rows, d_products);
    });
  }

  GraphBuilder::Value Describe(GraphBuilder& graph,
                               std::span<const GraphBuilder::Value> inputs) const override {
    const auto groups = static_cast<std::uint32_t>(groups_);
    return graph.GroupLinear(graph.GroupOuter(inputs[0], inputs[1], groups), groups, weight_.name,
                             "");
  }

 private:
  struct Work final : State {
    FloatBuffer products, d_products;
  };

  [[nodiscard]] std::size_t pairs() const { return a_width_ * c_width_; }
  [[nodiscard]] std::size_t ChunkRows() const {
    return std::max<std::size_t>(1, kProductsMax / pairs());
  }
  // Rows are the groups of all examples.
  template <class Function>
  void ForChunks(const Call& call, const Function& function) const {
    const std::size_t rows = call.rows * groups_;
    for (std::size_t begin = 0; begin < rows; begin += ChunkRows()) {
      function(begin, std::min(ChunkRows(), rows - begin));
    }
  }
  void Outer(const float* a, const float* c, std::size_t begin, std::size_t rows,
             float* products) const {
    a += begin * a_width_;
    c += begin * c_width_;
    for (std::size_t r = 0; r < rows; ++r, c += c_width_) {
      for (std::size_t i = 0; i < a_width_; ++i, ++a) {
        for (std::size_t j = 0; j < c_width_; ++j) *products++ = *a * c[j];
      }
    }
  }
  void OuterBackward(const Call& call, std::size_t begin, std::size_t rows,
                     const float* d_products) const {
    const auto& [a, a_all, da] = call.inputs[0];
    const auto& [c, c_all, dc] = call.inputs[1];
    for (std::size_t r = begin; r < begin + rows; ++r) {
      for (std::size_t i = 0; i < a_width_; ++i, d_products += c_width_) {
        const std::size_t at = r * a_width_ + i;
        if (da != nullptr) da[at] += Dot(d_products, c + r * c_width_, c_width_);
        if (dc != nullptr) AddScaled(a[at], d_products, c_width_, dc + r * c_width_);
      }
    }
  }

  const std::size_t groups_, a_width_, c_width_, outputs_;
  const DenseBlock weight_;
};

}  // namespace

NetValue AddOuterLinear(NetBuilder& net, const std::string& name, NetValue a, NetValue c,
                        std::size_t groups, std::size_t outputs) {
  auto layer = std::make_unique<OuterLayer>(name, groups, net.width(a) / groups,
                                            net.width(c) / groups, outputs, net.layout());
  return net.Add(std::move(layer), {a, c}, groups * outputs);
}

}  // namespace rookery
