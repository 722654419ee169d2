#include <algorithm>
#include <cstring>
#include <utility>

#include "common/check.h"
#include "models/net/net.h"

namespace rookery {
namespace {

class ConcatLayer final : public Layer {
 public:
  void Forward(const Call& call, float* y) const override {
    for (std::size_t b = 0; b < call.rows; ++b) {
      for (const Input& input : call.inputs) {
        std::memcpy(y, input.x + b * input.width, input.width * sizeof(float));
        y += input.width;
      }
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    for (std::size_t b = 0; b < call.rows; ++b) {
      for (const Input& input : call.inputs) {
        if (input.dx != nullptr) {
          float* dx = input.dx + b * input.width;
          for (std::size_t i = 0; i < input.width; ++i) dx[i] += dy[i];
        }
        dy += input.width;
      }
    }
  }
  GraphBuilder::Value Describe(GraphBuilder& graph,
                               std::span<const GraphBuilder::Value> inputs) const override {
    return graph.Concat({inputs.begin(), inputs.end()});
  }
};

class GroupColumnsLayer final : public Layer {
 public:
  GroupColumnsLayer(std::size_t groups, std::size_t begin, std::size_t end)
      : groups_(groups), begin_(begin), end_(end) {}

  void Forward(const Call& call, float* y) const override {
    const std::size_t group = call.inputs[0].width / groups_;
    const float* x = call.inputs[0].x + begin_;
    for (std::size_t i = 0; i < call.rows * groups_; ++i, x += group, y += end_ - begin_) {
      std::memcpy(y, x, (end_ - begin_) * sizeof(float));
    }
  }
  void Backward(const Call& call, const float* /*y*/, float* dy,
                float* /*d_dense*/) const override {
    const std::size_t group = call.inputs[0].width / groups_;
    float* dx = call.inputs[0].dx;
    if (dx == nullptr) return;
    dx += begin_;
    for (std::size_t i = 0; i < call.rows * groups_; ++i, dx += group, dy += end_ - begin_) {
      for (std::size_t d = 0; d < end_ - begin_; ++d) dx[d] += dy[d];
    }
  }
  GraphBuilder::Value Describe(GraphBuilder& graph,
                               std::span<const GraphBuilder::Value> inputs) const override {
    const auto number = [](std::size_t n) { return static_cast<std::uint32_t>(n); };
    return graph.GroupColumns(inputs[0], number(groups_), number(begin_), number(end_));
  }

 private:
  const std::size_t groups_, begin_, end_;
};

}  // namespace

NetValue NetBuilder::Append(Net::Node node) {
  net_.nodes_.push_back(std::move(node));
  return {static_cast<std::uint32_t>(net_.nodes_.size() - 1)};
}

NetValue NetBuilder::Embeddings(const ModelTable& table, std::uint32_t index) {
  Net::Node node{.source = Net::Source::kEmbeddings, .table = index};
  for (const std::uint32_t feature : table.features) {
    for (std::uint32_t d = 0; d < table.dim; ++d) {
      node.columns.push_back({.kind = InputRow::Kind::kFeature, .index = feature, .column = d});
    }
  }
  node.width = node.columns.size();
  return Append(std::move(node));
}

NetValue NetBuilder::Numeric(std::uint32_t numbers) {
  Net::Node node{.source = Net::Source::kNumeric, .width = numbers, .wants_gradient = false};
  for (std::uint32_t i = 0; i < numbers; ++i) {
    node.columns.push_back({.kind = InputRow::Kind::kNumber, .index = i});
  }
  return Append(std::move(node));
}

NetValue NetBuilder::Sequence(const ModelTable& table, std::uint32_t index) {
  return Append({.source = Net::Source::kSequence,
                 .table = index,
                 .sequence = static_cast<std::int32_t>(index),
                 .width = table.dim});
}

NetValue NetBuilder::Add(std::unique_ptr<Layer> layer, std::vector<NetValue> inputs,
                         std::size_t width) {
  ROOKERY_CHECK(width > 0);
  const std::int32_t rows_of = net_.nodes_[inputs[0].index].sequence;
  std::int32_t about = rows_of;
  for (const NetValue value : inputs) {
    const std::int32_t sequence = net_.nodes_[value.index].sequence;
    ROOKERY_CHECK(about == sequence || about == Net::kExamples || sequence == Net::kExamples);
    about = std::max(about, sequence);
  }
  return Append({.sequence = rows_of,
                 .about = about,
                 .width = width,
                 .layer = std::move(layer),
                 .inputs = std::move(inputs)});
}

NetValue NetBuilder::AddPooling(std::unique_ptr<Layer> layer, std::vector<NetValue> inputs,
                                std::size_t width) {
  const NetValue y = Add(std::move(layer), std::move(inputs), width);
  Net::Node& node = net_.nodes_[y.index];
  ROOKERY_CHECK(node.sequence != Net::kExamples);
  node.sequence = Net::kExamples;
  return y;
}

NetValue NetBuilder::Aligned(NetValue a, NetValue b) {
  net_.nodes_[b.index].sequence = net_.nodes_[a.index].sequence;
  return b;
}

Net NetBuilder::Take() {
  net_.dense_floats_ = layout_.size();
  return std::move(net_);
}

NetValue NetBuilder::Concat(const std::vector<NetValue>& inputs) {
  if (inputs.size() == 1) return inputs[0];
  std::size_t sum = 0;
  for (const NetValue value : inputs) sum += width(value);
  const NetValue all = Add(std::make_unique<ConcatLayer>(), inputs, sum);
  std::vector<InputRow> columns;
  for (const NetValue value : inputs) {
    const std::vector<InputRow>& of = net_.nodes_[value.index].columns;
    if (of.empty()) return all;
    columns.insert(columns.end(), of.begin(), of.end());
  }
  net_.nodes_[all.index].columns = std::move(columns);
  return all;
}

NetValue NetBuilder::GroupColumns(NetValue x, std::size_t groups, std::size_t begin,
                                  std::size_t end) {
  const std::size_t group = width(x) / groups;
  ROOKERY_CHECK(group * groups == width(x) && begin < end && end <= group);
  if (begin == 0 && end == group) return x;
  const NetValue y =
      Add(std::make_unique<GroupColumnsLayer>(groups, begin, end), {x}, groups * (end - begin));
  const std::vector<InputRow> columns = net_.nodes_[x.index].columns;
  std::vector<InputRow>& kept = net_.nodes_[y.index].columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i % group >= begin && i % group < end) kept.push_back(columns[i]);
  }
  return y;
}

}  // namespace rookery
