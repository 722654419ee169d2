#include <algorithm>
#include <cmath>
#include <memory>

#include "models/gemm.h"
#include "models/net/basic_layers.h"
#include "models/net/recurrence.h"
#include "models/net/sequence_layers.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

// The recurrence: its input is x W_x + b_x of all elements.
class LstmLayer final : public Layer {
 public:
  LstmLayer(const std::string& name, std::size_t units, DenseLayout& layout)
      : units_(units),
        weight_(layout.AddWeight(name + ".state.weight", units, 4 * units)),
        bias_(layout.AddConstant(name + ".state.bias", 1, 4 * units, 0)) {}

  GraphBuilder::Value Describe(GraphBuilder& graph,
                               std::span<const GraphBuilder::Value> inputs) const override {
    return graph.Lstm(inputs[0], weight_.name, bias_.name);
  }

  std::unique_ptr<State> MakeState() const override { return std::make_unique<Work>(); }

  void Forward(const Call& call, float* y) const override {
    auto& work = *static_cast<Work*>(call.state);
    work.order.Fill(call);
    work.gates.Grow(call.rows * 4 * units_);
    work.cells.Grow(call.rows * units_);
    float* h = work.state.Grow(call.examples * units_);
    float* c = work.cell.Grow(call.examples * units_);
    float* product = work.product.Grow(call.examples * 4 * units_);
    std::fill_n(h, call.examples * units_, 0.0F);
    std::fill_n(c, call.examples * units_, 0.0F);
    for (std::size_t t = 0; t < work.order.active.size(); ++t) {
      const std::size_t count = work.order.active[t];
      StateProduct(call.dense, weight_, bias_, {count, units_, 4 * units_}, h, product);
      for (std::size_t e = 0; e < count; ++e) {
        const std::size_t row = work.order.first[e] + t;
        Cell(call.inputs[0].x + row * 4 * units_, product + e * 4 * units_,
             work.gates.data() + row * 4 * units_, c + e * units_, h + e * units_);
        std::copy_n(c + e * units_, units_, work.cells.data() + row * units_);
        std::copy_n(h + e * units_, units_, y + row * units_);
      }
    }
  }

  void Backward(const Call& call, const float* y, float* dy, float* d_dense) const override {
    auto& work = *static_cast<Work*>(call.state);
    float* d_weight = d_dense + weight_.offset;
    float* d_bias = d_dense + bias_.offset;
    std::fill_n(d_weight, units_ * 4 * units_, 0.0F);
    std::fill_n(d_bias, 4 * units_, 0.0F);
    float* h = work.state.Grow(call.examples * units_);
    float* c = work.cell.Grow(call.examples * units_);
    float* dh = work.d_state.Grow(call.examples * units_);
    float* dc = work.d_cell.Grow(call.examples * units_);
    float* d_product = work.product.Grow(call.examples * 4 * units_);
    std::fill_n(dh, call.examples * units_, 0.0F);
    std::fill_n(dc, call.examples * units_, 0.0F);
    for (std::size_t t = work.order.active.size(); t-- > 0;) {
      const std::size_t count = work.order.active[t];
      for (std::size_t e = 0; e < count; ++e) {
        const std::size_t row = work.order.first[e] + t;
        CopyBefore(y, work.order.first[e], t, units_, h + e * units_);
        CopyBefore(work.cells.data(), work.order.first[e], t, units_, c + e * units_);
        AddScaled(1, dy + row * units_, units_, dh + e * units_);
        CellBackward(work.gates.data() + row * 4 * units_, work.cells.data() + row * units_,
                     c + e * units_, dh + e * units_, dc + e * units_, d_product + e * 4 * units_);
        AddScaled(1, d_product + e * 4 * units_, 4 * units_, d_bias);
        AddScaled(1, d_product + e * 4 * units_, 4 * units_, call.inputs[0].dx + row * 4 * units_);
      }
      Gemm(true, false, units_, 4 * units_, count, 1, h, units_, d_product, 4 * units_, 1, d_weight,
           4 * units_);
      Gemm(false, true, count, units_, 4 * units_, 1, d_product, 4 * units_,
           call.dense + weight_.offset, 4 * units_, 0, dh, units_);
    }
  }

 private:
  struct Work final : State {
    PlaceOrder order;
    FloatBuffer gates;                         // [S, 4 units]: i, f, g, o
    FloatBuffer cells;                         // [S, units]: c'
    FloatBuffer state, cell, d_state, d_cell;  // [B, units], by order
    FloatBuffer product;                       // [B, 4 units]
  };

  // c and h become the next ones.
  void Cell(const float* x, const float* product, float* gates, float* c, float* h) const {
    float* i = gates;
    float* f = i + units_;
    float* g = f + units_;
    float* o = g + units_;
    for (std::size_t u = 0; u < units_; ++u) {
      i[u] = Sigmoid(x[u] + product[u]);
      f[u] = Sigmoid(x[units_ + u] + product[units_ + u]);
      g[u] = std::tanh(x[2 * units_ + u] + product[2 * units_ + u]);
      o[u] = Sigmoid(x[3 * units_ + u] + product[3 * units_ + u]);
      c[u] = f[u] * c[u] + i[u] * g[u];
      h[u] = o[u] * std::tanh(c[u]);
    }
  }
  // dh and dc: of the next ones; dc becomes that of `before`, the cell before.
  void CellBackward(const float* gates, const float* cell, const float* before, const float* dh,
                    float* dc, float* d_product) const {
    const float* i = gates;
    const float* f = i + units_;
    const float* g = f + units_;
    const float* o = g + units_;
    for (std::size_t u = 0; u < units_; ++u) {
      const float out = std::tanh(cell[u]);
      const float d_cell = dc[u] + dh[u] * o[u] * (1 - out * out);
      d_product[u] = d_cell * g[u] * i[u] * (1 - i[u]);
      d_product[units_ + u] = d_cell * before[u] * f[u] * (1 - f[u]);
      d_product[2 * units_ + u] = d_cell * i[u] * (1 - g[u] * g[u]);
      d_product[3 * units_ + u] = dh[u] * out * o[u] * (1 - o[u]);
      dc[u] = d_cell * f[u];
    }
  }

  const std::size_t units_;
  const DenseBlock weight_, bias_;
};

}  // namespace

NetValue AddLstm(NetBuilder& net, const std::string& name, NetValue sequence, std::size_t units) {
  const NetValue x = AddLinear(net, name + ".input", sequence, 4 * units, true);
  return net.Add(std::make_unique<LstmLayer>(name, units, net.layout()), {x}, units);
}

}  // namespace rookery
