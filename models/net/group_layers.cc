#include "models/net/group_layers.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "common/check.h"
#include "models/net/basic_layers.h"
#include "models/vector_math.h"

namespace rookery {
namespace {

using Graph = GraphBuilder;
using GraphValues = std::span<const GraphBuilder::Value>;

std::uint32_t Number(std::size_t n) {
  return static_cast<std::uint32_t>(n);
}

class SelectGroupsLayer final : public Layer {
 public:
  SelectGroupsLayer(std::size_t groups, std::vector<std::uint32_t> indices)
      : groups_(groups), indices_(std::move(indices)) {}

  void Forward(const Call& call, float* y) const override {
    const auto& [x, all, dx] = call.inputs[0];
    const std::size_t width = all / groups_;
    for (std::size_t b = 0; b < call.rows; ++b) {
      for (const std::uint32_t index : indices_) {
        std::memcpy(y, x + b * all + index * width, width * sizeof(float));
        y += width;
      }
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const auto& [x, all, dx] = call.inputs[0];
    if (dx == nullptr) return;
    const std::size_t width = all / groups_;
    for (std::size_t b = 0; b < call.rows; ++b) {
      for (const std::uint32_t index : indices_) {
        AddScaled(1, dy, width, dx + b * all + index * width);
        dy += width;
      }
    }
  }
  Graph::Value Describe(Graph& graph, GraphValues inputs) const override {
    return graph.SelectGroups(inputs[0], Number(groups_), indices_);
  }

 private:
  const std::size_t groups_;
  const std::vector<std::uint32_t> indices_;
};

class TransposeGroupsLayer final : public Layer {
 public:
  explicit TransposeGroupsLayer(std::size_t groups) : groups_(groups) {}

  void Forward(const Call& call, float* y) const override {
    const auto& [x, all, dx] = call.inputs[0];
    const std::size_t width = all / groups_;
    for (std::size_t b = 0; b < call.rows; ++b) {
      const float* from = x + b * all;
      float* to = y + b * all;
      for (std::size_t g = 0; g < groups_; ++g) {
        for (std::size_t d = 0; d < width; ++d) to[d * groups_ + g] = from[g * width + d];
      }
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const auto& [x, all, dx] = call.inputs[0];
    if (dx == nullptr) return;
    const std::size_t width = all / groups_;
    for (std::size_t b = 0; b < call.rows; ++b) {
      const float* from = dy + b * all;
      float* to = dx + b * all;
      for (std::size_t g = 0; g < groups_; ++g) {
        for (std::size_t d = 0; d < width; ++d) to[g * width + d] += from[d * groups_ + g];
      }
    }
  }
  Graph::Value Describe(Graph& graph, GraphValues inputs) const override {
    return graph.TransposeGroups(inputs[0], Number(groups_));
  }

 private:
  const std::size_t groups_;
};

class SumGroupsLayer final : public Layer {
 public:
  explicit SumGroupsLayer(std::size_t groups) : groups_(groups) {}

  void Forward(const Call& call, float* y) const override {
    const auto& [x, all, dx] = call.inputs[0];
    const std::size_t width = all / groups_;
    for (std::size_t b = 0; b < call.rows; ++b, y += width) {
      std::copy_n(x + b * all, width, y);
      for (std::size_t g = 1; g < groups_; ++g) AddScaled(1, x + b * all + g * width, width, y);
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const auto& [x, all, dx] = call.inputs[0];
    if (dx == nullptr) return;
    const std::size_t width = all / groups_;
    for (std::size_t b = 0; b < call.rows; ++b, dy += width) {
      for (std::size_t g = 0; g < groups_; ++g) AddScaled(1, dy, width, dx + b * all + g * width);
    }
  }
  Graph::Value Describe(Graph& graph, GraphValues inputs) const override {
    return graph.SumGroups(inputs[0], Number(groups_));
  }

 private:
  const std::size_t groups_;
};

// In fixed small loops: groups are tens, not thousands.
class GroupAttentionLayer final : public Layer {
 public:
  GroupAttentionLayer(std::size_t groups, std::size_t heads, float scale)
      : groups_(groups), heads_(heads), scale_(scale) {}

  std::unique_ptr<State> MakeState() const override { return std::make_unique<Work>(); }
  void Forward(const Call& call, float* y) const override {
    const std::size_t all = call.inputs[0].width;
    const std::size_t square = groups_ * groups_;
    float* shares = static_cast<Work*>(call.state)->shares.Grow(call.rows * heads_ * square);
    std::fill_n(y, call.rows * all, 0.0F);
    for (std::size_t b = 0; b < call.rows; ++b) {
      const float* q = call.inputs[0].x + b * all;
      const float* k = call.inputs[1].x + b * all;
      const float* v = call.inputs[2].x + b * all;
      for (std::size_t h = 0; h < heads_; ++h, shares += square) {
        const std::size_t at = h * HeadWidth(all);
        Shares(q + at, k + at, all, shares);
        for (std::size_t i = 0; i < groups_; ++i) {
          for (std::size_t j = 0; j < groups_; ++j) {
            AddScaled(shares[i * groups_ + j], v + j * Width(all) + at, HeadWidth(all),
                      y + b * all + i * Width(all) + at);
          }
        }
      }
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const std::size_t all = call.inputs[0].width;
    auto& work = *static_cast<Work*>(call.state);
    float* d_shares = work.d_shares.Grow(groups_);
    const float* shares = work.shares.data();
    for (std::size_t b = 0; b < call.rows; ++b) {
      for (std::size_t h = 0; h < heads_; ++h) {
        for (std::size_t i = 0; i < groups_; ++i, shares += groups_) {
          BackwardOfGroup(call, b, h * HeadWidth(all), i, shares, dy, d_shares);
        }
      }
    }
  }
  Graph::Value Describe(Graph& graph, GraphValues inputs) const override {
    return graph.GroupAttention(inputs[0], inputs[1], inputs[2], Number(groups_), Number(heads_),
                                scale_);
  }

 private:
  struct Work final : State {
    FloatBuffer shares;    // [B, heads, groups, groups]: what each group takes of each
    FloatBuffer d_shares;  // [groups]
  };

  [[nodiscard]] std::size_t Width(std::size_t all) const { return all / groups_; }
  [[nodiscard]] std::size_t HeadWidth(std::size_t all) const { return all / groups_ / heads_; }

  // Of one example and head; q and k begin at its columns.
  void Shares(const float* q, const float* k, std::size_t all, float* shares) const {
    for (std::size_t i = 0; i < groups_; ++i, shares += groups_) {
      for (std::size_t j = 0; j < groups_; ++j) {
        shares[j] = scale_ * Dot(q + i * Width(all), k + j * Width(all), HeadWidth(all));
      }
      SoftmaxRow(shares, groups_);
    }
  }
  // `at`: the head's first column; shares: of group i.
  void BackwardOfGroup(const Call& call, std::size_t example, std::size_t at, std::size_t i,
                       const float* shares, const float* dy, float* d_shares) const {
    const std::size_t all = call.inputs[0].width, width = HeadWidth(all);
    const std::size_t row = example * all + at;
    const std::size_t mine = row + i * Width(all);
    const auto& [q, q_width, dq] = call.inputs[0];
    const auto& [k, k_width, dk] = call.inputs[1];
    const auto& [v, v_width, dv] = call.inputs[2];
    for (std::size_t j = 0; j < groups_; ++j) {
      const std::size_t other = row + j * Width(all);
      d_shares[j] = Dot(dy + mine, v + other, width);
      if (dv != nullptr) AddScaled(shares[j], dy + mine, width, dv + other);
    }
    const float mean = Dot(shares, d_shares, groups_);
    for (std::size_t j = 0; j < groups_; ++j) {
      const std::size_t other = row + j * Width(all);
      const float d = scale_ * shares[j] * (d_shares[j] - mean);
      if (dq != nullptr) AddScaled(d, k + other, width, dq + mine);
      if (dk != nullptr) AddScaled(d, q + mine, width, dk + other);
    }
  }

  const std::size_t groups_, heads_;
  const float scale_;
};

}  // namespace

NetValue AddSelectGroups(NetBuilder& net, NetValue x, std::size_t groups,
                         std::vector<std::uint32_t> indices) {
  ROOKERY_CHECK(net.width(x) % groups == 0 && std::ranges::max(indices) < groups);
  const std::size_t width = net.width(x) / groups * indices.size();
  return net.Add(std::make_unique<SelectGroupsLayer>(groups, std::move(indices)), {x}, width);
}

NetValue AddTransposeGroups(NetBuilder& net, NetValue x, std::size_t groups) {
  return net.Add(std::make_unique<TransposeGroupsLayer>(groups), {x}, net.width(x));
}

NetValue AddSumGroups(NetBuilder& net, NetValue x, std::size_t groups) {
  return net.Add(std::make_unique<SumGroupsLayer>(groups), {x}, net.width(x) / groups);
}

NetValue AddGroupSums(NetBuilder& net, NetValue x, std::size_t groups) {
  return AddSumGroups(net, AddTransposeGroups(net, x, groups), net.width(x) / groups);
}

NetValue AddScaledGroups(NetBuilder& net, NetValue x, NetValue s, std::size_t groups) {
  std::vector<std::uint32_t> repeated;
  const std::size_t width = net.width(x) / groups;
  for (std::size_t i = 0; i < net.width(x); ++i) repeated.push_back(Number(i / width));
  return AddProduct(net, x, AddSelectGroups(net, s, groups, std::move(repeated)));
}

NetValue AddPairs(NetBuilder& net, NetValue a, NetValue b, std::size_t groups) {
  std::vector<std::uint32_t> first, second;
  for (std::size_t i = 0; i < groups; ++i) {
    for (std::size_t j = i + 1; j < groups; ++j) {
      first.push_back(Number(i));
      second.push_back(Number(j));
    }
  }
  return AddProduct(net, AddSelectGroups(net, a, groups, std::move(first)),
                    AddSelectGroups(net, b, groups, std::move(second)));
}

NetValue AddPairSum(NetBuilder& net, NetValue x, std::size_t groups) {
  const NetValue sum = AddSumGroups(net, x, groups);
  const NetValue squares = AddSumGroups(net, AddProduct(net, x, x), groups);
  return AddScale(net, AddSum(net, {AddProduct(net, sum, sum), AddScale(net, squares, -1)}), 0.5F);
}

NetValue AddGroupAttention(NetBuilder& net, NetValue q, NetValue k, NetValue v, std::size_t groups,
                           std::size_t heads, float scale) {
  ROOKERY_CHECK(net.width(q) % (groups * heads) == 0);
  return net.Add(std::make_unique<GroupAttentionLayer>(groups, heads, scale), {q, k, v},
                 net.width(q));
}

}  // namespace rookery
