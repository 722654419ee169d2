#include "models/zoo/two_tower.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "common/check.h"
#include "common/trace.h"
#include "models/losses/in_batch_softmax.h"
#include "models/net/basic_layers.h"
#include "models/vector_math.h"
#include "models/zoo/spec_check.h"

namespace rookery {
namespace {

struct TwoTowerOptions {
  ModelTable table;
  std::optional<TowerOptions> tower;  // none: the rows themselves
};

class TwoTower final : public Model {
 public:
  explicit TwoTower(const TwoTowerOptions& options)
      : tables_({options.table}), dim_(options.table.dim) {
    NetBuilder net(&layout_);
    rows_ = net.Embeddings(tables_[0], 0);
    const std::array<std::string, 2> names = {"user", "item"};
    std::uint32_t dropout_layer = 0;
    for (std::size_t side = 0; side < names.size(); ++side) {
      values_[side] = net.GroupColumns(rows_, 1, side * dim_, (side + 1) * dim_);
      if (!options.tower) continue;
      TowerOptions tower = *options.tower;
      tower.outputs = static_cast<std::uint32_t>(dim_);
      tower.dropout_layer = std::exchange(
          dropout_layer, dropout_layer + static_cast<std::uint32_t>(tower.hidden.size()));
      values_[side] = AddTower(net, names[side], values_[side], tower);
    }
    net_ = net.Take();
  }

  [[nodiscard]] const std::vector<ModelTable>& tables() const override { return tables_; }
  [[nodiscard]] const std::vector<DenseBlockSpec>& dense_blocks() const override {
    return layout_.blocks();
  }
  [[nodiscard]] std::unique_ptr<Model::Scratch> MakeScratch() const override {
    auto buffers = std::make_unique<Buffers>();
    buffers->net = net_.MakeScratch();
    return buffers;
  }
  void Predict(const ModelInput& input, std::span<const float> dense, Model::Scratch& scratch,
               std::span<float> scores) const override {
    if (input.examples == 0) return;
    const auto [user, item] = Infer(input, dense, scratch);
    for (std::size_t b = 0; b < input.examples; ++b) {
      scores[b] = 1 / (1 + std::exp(-Dot(user + b * dim_, item + b * dim_, dim_)));
    }
  }
  double ForwardBackward(const ModelInput& input, std::span<const float> dense,
                         const DropoutStream& dropout, Model::Scratch& scratch,
                         std::span<float> scores, ModelGradients& gradients) const override;
  [[nodiscard]] bool mixes_examples() const override { return true; }
  [[nodiscard]] std::size_t ranking_width() const override { return dim_; }
  void RankingQueries(const ModelInput& input, std::span<const float> dense,
                      Model::Scratch& scratch, std::span<float> queries) const override {
    if (input.examples == 0) return;
    std::copy_n(Infer(input, dense, scratch).first, input.examples * dim_, queries.data());
  }
  void RankingItems(const ModelInput& input, std::span<const float> dense, Model::Scratch& scratch,
                    std::span<float> items) const override {
    if (input.examples == 0) return;
    const float* item = Infer(input, dense, scratch).second;
    for (std::size_t b = 0; b < input.examples; ++b) {
      std::copy_n(item + b * dim_, dim_, items.data() + b * (dim_ + 1));
      items[b * (dim_ + 1) + dim_] = 0;
    }
  }
  void RoundWeights(std::span<const float> dense, Model::Scratch& scratch) const override {
    net_.RoundWeights(dense.data(), static_cast<Buffers&>(scratch).net);
  }
  void Describe(GraphBuilder& graph) const override {
    const auto values = net_.Describe(graph, values_);
    graph.Output(graph.Sigmoid(graph.SumColumns(graph.Multiply(values[0], values[1]))));
  }

 private:
  struct Buffers final : Model::Scratch {
    Net::Scratch net;
    std::vector<float> names, losses, d_user, d_item, softmax;
  };

  std::pair<const float*, const float*> Infer(const ModelInput& input, std::span<const float> dense,
                                              Model::Scratch& scratch) const {
    Net::Scratch& net = static_cast<Buffers&>(scratch).net;
    net_.Forward(input, dense.data(), nullptr, net);
    return {net_.ValueOf(values_[0], input, net), net_.ValueOf(values_[1], input, net)};
  }
  // The items' rows, which name them.
  void TakeNames(const ModelInput& input, Buffers& buffers) const {
    buffers.names.resize(input.examples * dim_);
    for (std::size_t b = 0; b < input.examples; ++b) {
      std::copy_n(input.embeddings[0] + (2 * b + 1) * dim_, dim_, buffers.names.data() + b * dim_);
    }
  }

  const std::vector<ModelTable> tables_;
  const std::size_t dim_;  // D
  DenseLayout layout_;
  NetValue rows_;
  std::array<NetValue, 2> values_;  // user, item
  Net net_;
};

double TwoTower::ForwardBackward(const ModelInput& input, std::span<const float> dense,
                                 const DropoutStream& dropout, Model::Scratch& scratch,
                                 std::span<float> scores, ModelGradients& gradients) const {
  if (input.examples == 0) {
    std::fill_n(gradients.dense, layout_.size(), 0.0F);
    return 0;
  }
  auto& buffers = static_cast<Buffers&>(scratch);
  TraceSpan span("forward");
  net_.Forward(input, dense.data(), &dropout, buffers.net);
  TakeNames(input, buffers);
  buffers.losses.resize(input.examples);
  buffers.d_user.resize(input.examples * dim_);
  buffers.d_item.resize(input.examples * dim_);
  InBatchSoftmax({.examples = input.examples,
                  .width = dim_,
                  .queries = net_.ValueOf(values_[0], input, buffers.net),
                  .items = net_.ValueOf(values_[1], input, buffers.net),
                  .names = buffers.names.data(),
                  .name_width = dim_,
                  .counts = input.weights},
                 buffers.losses.data(), buffers.d_user.data(), buffers.d_item.data(),
                 &buffers.softmax);
  double loss = 0;
  for (std::size_t b = 0; b < input.examples; ++b) {
    loss += buffers.losses[b];
    scores[b] = std::exp(-buffers.losses[b]);
  }
  span.Next("backward");
  const std::array<const float*, 2> d_values = {buffers.d_user.data(), buffers.d_item.data()};
  net_.Backward(input, dense.data(), values_, d_values, buffers.net, gradients);
  return loss;
}

}  // namespace

StatusOr<std::unique_ptr<Model>> MakeTwoTower(const ModelSpec& spec) {
  ROOKERY_ASSIGN_OR_RETURN(const Loss loss, CheckLoss(spec));
  if (spec.features.size() != 3 || spec.numeric > 0 || loss != Loss::kBce) {
    return InvalidInput(
        "model 'two_tower' tells a user's item from those of other examples: it "
        "needs the features user, item and negative, no numeric input, and loss "
        "\"bce\"; use data.format = \"sequence\"");
  }
  ROOKERY_ASSIGN_OR_RETURN(
      const std::vector<ModelTable> tables,
      MakeTables(spec,
                 {{.name = "default", .only = {spec.features[0].name, spec.features[1].name}}}));
  TwoTowerOptions options{.table = tables[0], .tower = {}};
  if (!spec.hidden.empty()) {
    ROOKERY_ASSIGN_OR_RETURN(options.tower, MakeTowerOptions(spec));
  }
  auto model = std::make_unique<TwoTower>(options);
  ROOKERY_RETURN_IF_ERROR(CheckDenseSize(*model));
  return std::unique_ptr<Model>(std::move(model));
}

}  // namespace rookery
