#include "models/net/sequence_layers.h"

#include <algorithm>
#include <memory>

#include "common/check.h"
#include "models/net/sequence_layer.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

class RepeatLayer final : public SequenceLayer {
 public:
  // Inputs: the sequence, which is only counted, and x.
  void Forward(const Call& call, float* y) const override {
    const auto& [x, width, dx] = call.inputs[1];
    for (std::size_t b = 0; b < call.examples; ++b) {
      for (std::size_t i = Begin(call, b); i < Begin(call, b + 1); ++i) {
        std::copy_n(x + b * width, width, y + i * width);
      }
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const auto& [x, width, dx] = call.inputs[1];
    if (dx == nullptr) return;
    for (std::size_t b = 0; b < call.examples; ++b) {
      for (std::size_t i = Begin(call, b); i < Begin(call, b + 1); ++i) {
        AddScaled(1, dy + i * width, width, dx + b * width);
      }
    }
  }
  GraphBuilder::Value Describe(GraphBuilder& graph,
                               std::span<const GraphBuilder::Value> inputs) const override {
    return graph.RepeatForElements(inputs[1], inputs[0]);
  }
};

class SumOfElementsLayer final : public SequenceLayer {
 public:
  void Forward(const Call& call, float* y) const override {
    const auto& [x, width, dx] = call.inputs[0];
    std::fill_n(y, call.examples * width, 0.0F);
    for (std::size_t b = 0; b < call.examples; ++b) {
      for (std::size_t i = Begin(call, b); i < Begin(call, b + 1); ++i) {
        AddScaled(1, x + i * width, width, y + b * width);
      }
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const auto& [x, width, dx] = call.inputs[0];
    for (std::size_t b = 0; b < call.examples; ++b) {
      for (std::size_t i = Begin(call, b); i < Begin(call, b + 1); ++i) {
        AddScaled(1, dy + b * width, width, dx + i * width);
      }
    }
  }
  GraphBuilder::Value Describe(GraphBuilder& graph,
                               std::span<const GraphBuilder::Value> inputs) const override {
    return graph.SumOfElements(inputs[0]);
  }
};

class LastElementLayer final : public SequenceLayer {
 public:
  void Forward(const Call& call, float* y) const override {
    const auto& [x, width, dx] = call.inputs[0];
    std::fill_n(y, call.examples * width, 0.0F);
    for (std::size_t b = 0; b < call.examples; ++b) {
      const std::size_t end = Begin(call, b + 1);
      if (end > Begin(call, b)) std::copy_n(x + (end - 1) * width, width, y + b * width);
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const auto& [x, width, dx] = call.inputs[0];
    for (std::size_t b = 0; b < call.examples; ++b) {
      const std::size_t end = Begin(call, b + 1);
      if (end > Begin(call, b)) AddScaled(1, dy + b * width, width, dx + (end - 1) * width);
    }
  }
  GraphBuilder::Value Describe(GraphBuilder& graph,
                               std::span<const GraphBuilder::Value> inputs) const override {
    return graph.LastElement(inputs[0]);
  }
};

class SelfAttentionLayer final : public SequenceLayer {
 public:
  SelfAttentionLayer(std::size_t heads, float scale, bool causal)
      : heads_(heads), scale_(scale), causal_(causal) {}

  std::unique_ptr<State> MakeState() const override { return std::make_unique<Work>(); }
  void Forward(const Call& call, float* y) const override {
    const std::size_t width = call.inputs[0].width, head = width / heads_;
    auto& work = *static_cast<Work*>(call.state);
    float* shares = work.shares.Grow(SharesOf(call));
    std::fill_n(y, call.rows * width, 0.0F);
    ForElements(call, [&](std::size_t i, std::size_t at, std::size_t first, std::size_t count) {
      const float* q = call.inputs[0].x + i * width + at;
      for (std::size_t j = 0; j < count; ++j) {
        shares[j] = scale_ * Dot(q, call.inputs[1].x + (first + j) * width + at, head);
      }
      SoftmaxRow(shares, count);
      for (std::size_t j = 0; j < count; ++j) {
        AddScaled(shares[j], call.inputs[2].x + (first + j) * width + at, head, y + i * width + at);
      }
      shares += count;
    });
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const auto& [q, width, dq] = call.inputs[0];
    const auto& [k, k_width, dk] = call.inputs[1];
    const auto& [v, v_width, dv] = call.inputs[2];
    const std::size_t head = width / heads_;
    auto& work = *static_cast<Work*>(call.state);
    const float* shares = work.shares.data();
    float* d_shares = work.d_shares.Grow(call.rows);
    ForElements(call, [&](std::size_t i, std::size_t at, std::size_t first, std::size_t count) {
      const std::size_t mine = i * width + at;
      for (std::size_t j = 0; j < count; ++j) {
        const std::size_t other = (first + j) * width + at;
        d_shares[j] = Dot(dy + mine, v + other, head);
        AddScaled(shares[j], dy + mine, head, dv + other);
      }
      const float mean = Dot(shares, d_shares, count);
      for (std::size_t j = 0; j < count; ++j) {
        const std::size_t other = (first + j) * width + at;
        const float d = scale_ * shares[j] * (d_shares[j] - mean);
        AddScaled(d, k + other, head, dq + mine);
        AddScaled(d, q + mine, head, dk + other);
      }
      shares += count;
    });
  }
  GraphBuilder::Value Describe(GraphBuilder& graph,
                               std::span<const GraphBuilder::Value> inputs) const override {
    return graph.SelfAttention(inputs[0], inputs[1], inputs[2], static_cast<std::uint32_t>(heads_),
                               scale_, causal_);
  }

 private:
  struct Work final : State {
    FloatBuffer shares;    // of each element and head, what it takes of those it attends to
    FloatBuffer d_shares;  // of one element
  };

  // function(element, first column of the head, first element attended to, how many).
  template <class Function>
  void ForElements(const Call& call, const Function& function) const {
    const std::size_t head = call.inputs[0].width / heads_;
    for (std::size_t b = 0; b < call.examples; ++b) {
      const std::size_t begin = Begin(call, b), end = Begin(call, b + 1);
      for (std::size_t i = begin; i < end; ++i) {
        for (std::size_t h = 0; h < heads_; ++h) {
          function(i, h * head, begin, (causal_ ? i + 1 : end) - begin);
        }
      }
    }
  }
  [[nodiscard]] std::size_t SharesOf(const Call& call) const {
    std::size_t sum = 0;
    for (std::size_t b = 0; b < call.examples; ++b) {
      const std::size_t length = Begin(call, b + 1) - Begin(call, b);
      sum += heads_ * (causal_ ? length * (length + 1) / 2 : length * length);
    }
    return sum;
  }

  const std::size_t heads_;
  const float scale_;
  const bool causal_;
};

}  // namespace

NetValue AddRepeat(NetBuilder& net, NetValue x, NetValue sequence) {
  return net.Add(std::make_unique<RepeatLayer>(), {sequence, x}, net.width(x));
}

NetValue AddSumOfElements(NetBuilder& net, NetValue sequence) {
  return net.AddPooling(std::make_unique<SumOfElementsLayer>(), {sequence}, net.width(sequence));
}

NetValue AddLastElement(NetBuilder& net, NetValue sequence) {
  return net.AddPooling(std::make_unique<LastElementLayer>(), {sequence}, net.width(sequence));
}

NetValue AddSelfAttention(NetBuilder& net, NetValue q, NetValue k, NetValue v, std::size_t heads,
                          float scale, bool causal) {
  ROOKERY_CHECK(net.width(q) % heads == 0);
  return net.Add(std::make_unique<SelfAttentionLayer>(heads, scale, causal), {q, k, v},
                 net.width(q));
}

}  // namespace rookery
