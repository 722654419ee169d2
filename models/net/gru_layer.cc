#include <algorithm>
#include <cmath>
#include <memory>

#include "common/check.h"
#include "models/gemm.h"
#include "models/net/basic_layers.h"
#include "models/net/recurrence.h"
#include "models/net/sequence_layers.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

// The recurrence: its input is x W_x + b_x of all elements.
class GruLayer final : public Layer {
 public:
  GruLayer(const std::string& name, std::size_t units, DenseLayout& layout)
      : units_(units),
        name_(name + ".state"),
        weight_(layout.AddWeight(name_ + ".weight", units, 3 * units)),
        bias_(layout.AddConstant(name_ + ".bias", 1, 3 * units, 0)) {}

  std::unique_ptr<State> MakeState() const override { return std::make_unique<Work>(); }

  void Forward(const Call& call, float* y) const override {
    auto& work = *static_cast<Work*>(call.state);
    work.order.Fill(call);
    work.gates.Grow(call.rows * 4 * units_);
    float* h = work.state.Grow(call.examples * units_);
    float* product = work.product.Grow(call.examples * 3 * units_);
    std::fill_n(h, call.examples * units_, 0.0F);
    for (std::size_t t = 0; t < work.order.active.size(); ++t) {
      StateProduct(call.dense, weight_, bias_, {work.order.active[t], units_, 3 * units_}, h,
                   product);
      for (std::size_t e = 0; e < work.order.active[t]; ++e) {
        const std::size_t row = work.order.first[e] + t;
        Cell(call.inputs[0].x + row * 3 * units_, product + e * 3 * units_, h + e * units_,
             work.gates.data() + row * 4 * units_);
        std::copy_n(h + e * units_, units_, y + row * units_);
      }
    }
  }

  void Backward(const Call& call, const float* y, float* dy, float* d_dense) const override {
    auto& work = *static_cast<Work*>(call.state);
    float* d_weight = d_dense + weight_.offset;
    float* d_bias = d_dense + bias_.offset;
    std::fill_n(d_weight, units_ * 3 * units_, 0.0F);
    std::fill_n(d_bias, 3 * units_, 0.0F);
    float* h = work.state.Grow(call.examples * units_);
    float* dh = work.d_state.Grow(call.examples * units_);
    float* d_product = work.product.Grow(call.examples * 3 * units_);
    std::fill_n(dh, call.examples * units_, 0.0F);
    for (std::size_t t = work.order.active.size(); t-- > 0;) {
      const std::size_t count = work.order.active[t];
      for (std::size_t e = 0; e < count; ++e) {
        const std::size_t row = work.order.first[e] + t;
        CopyBefore(y, work.order.first[e], t, units_, h + e * units_);
        AddScaled(1, dy + row * units_, units_, dh + e * units_);
        CellBackward(work.gates.data() + row * 4 * units_, h + e * units_, dh + e * units_,
                     call.inputs[0].dx + row * 3 * units_, d_product + e * 3 * units_);
        AddScaled(1, d_product + e * 3 * units_, 3 * units_, d_bias);
      }
      Gemm(true, false, units_, 3 * units_, count, 1, h, units_, d_product, 3 * units_, 1, d_weight,
           3 * units_);
      Gemm(false, true, count, units_, 3 * units_, 1, d_product, 3 * units_,
           call.dense + weight_.offset, 3 * units_, 1, dh, units_);
    }
  }

  GraphBuilder::Value Describe(GraphBuilder& graph,
                               std::span<const GraphBuilder::Value> inputs) const override {
    return graph.Gru(inputs[0], name_ + ".weight", name_ + ".bias");
  }

 private:
  struct Work final : State {
    PlaceOrder order;
    FloatBuffer gates;           // [S, 4 units]: r, z, n, and n's part of h W_h + b_h
    FloatBuffer state, d_state;  // [B, units], by order
    FloatBuffer product;         // [B, 3 units]
  };

  // h becomes the next state.
  void Cell(const float* x, const float* product, float* h, float* gates) const {
    float* r = gates;
    float* z = r + units_;
    float* n = z + units_;
    float* hn = n + units_;
    for (std::size_t i = 0; i < units_; ++i) {
      r[i] = Sigmoid(x[i] + product[i]);
      z[i] = Sigmoid(x[units_ + i] + product[units_ + i]);
      hn[i] = product[2 * units_ + i];
      n[i] = std::tanh(x[2 * units_ + i] + r[i] * hn[i]);
      h[i] = (1 - z[i]) * n[i] + z[i] * h[i];
    }
  }
  // dh: of the next state; becomes what reaches h past the product. dx is added to.
  void CellBackward(const float* gates, const float* h, float* dh, float* dx,
                    float* d_product) const {
    const float* r = gates;
    const float* z = r + units_;
    const float* n = z + units_;
    const float* hn = n + units_;
    for (std::size_t i = 0; i < units_; ++i) {
      const float dn = dh[i] * (1 - z[i]) * (1 - n[i] * n[i]);
      const float dz = dh[i] * (h[i] - n[i]) * z[i] * (1 - z[i]);
      const float dr = dn * hn[i] * r[i] * (1 - r[i]);
      dx[i] += dr;
      dx[units_ + i] += dz;
      dx[2 * units_ + i] += dn;
      d_product[i] = dr;
      d_product[units_ + i] = dz;
      d_product[2 * units_ + i] = dn * r[i];
      dh[i] *= z[i];
    }
  }

  const std::size_t units_;
  const std::string name_;  // of the blocks' common part
  const DenseBlock weight_, bias_;
};

}  // namespace

NetValue AddGru(NetBuilder& net, const std::string& name, NetValue sequence, std::size_t units) {
  const NetValue x = AddLinear(net, name + ".input", sequence, 3 * units, true);
  return net.Add(std::make_unique<GruLayer>(name, units, net.layout()), {x}, units);
}

}  // namespace rookery
