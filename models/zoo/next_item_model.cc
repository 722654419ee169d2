#include "models/zoo/next_item_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/check.h"
#include "common/trace.h"
#include "models/net/masked_elements.h"
#include "models/vector_math.h"
#include "models/zoo/catalog_loss.h"
#include "models/zoo/negatives_loss.h"

namespace rookery {
namespace {

constexpr std::uint32_t kItem = 1, kNegative = 2, kHistory = 3, kFeatures = 4;

// The numbers of ModelInput::sequences.
struct Places {
  std::size_t item = 0, negative = 0, history = 0;
};

Places PlacesOf(const std::vector<ModelTable>& tables) {
  return tables.size() == 1 ? Places{0, 1, 2} : Places{1, 2, 0};
}

class NextItemModel final : public Model {
 public:
  explicit NextItemModel(const NextItemOptions& options)
      : tables_(options.tables),
        dim_(tables_[0].dim),
        loss_(options.loss),
        hidden_percent_(options.hidden_percent),
        states_alike_(options.states_alike),
        places_(PlacesOf(tables_)) {
    NetBuilder builder(&layout_);
    state_ = options.build(
        builder, builder.Sequence(tables_[0], static_cast<std::uint32_t>(places_.history)));
    net_ = builder.Take();
    ROOKERY_CHECK(net_.width(state_) == dim_);
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
               std::span<float> scores) const override;
  double ForwardBackward(const ModelInput& input, std::span<const float> dense,
                         const DropoutStream& dropout, Model::Scratch& scratch,
                         std::span<float> scores, ModelGradients& gradients) const override;
  [[nodiscard]] std::size_t ranking_width() const override { return dim_; }
  void RankingQueries(const ModelInput& input, std::span<const float> dense,
                      Model::Scratch& scratch, std::span<float> queries) const override;
  void RankingItems(const ModelInput& input, std::span<const float> dense, Model::Scratch& scratch,
                    std::span<float> items) const override;
  void Describe(GraphBuilder& graph) const override {
    const auto query = graph.LastElement(net_.Describe(graph, {&state_, 1})[0]);
    const auto item = graph.LastElement(graph.Sequence(static_cast<std::uint32_t>(places_.item)));
    graph.Query(query);
    graph.Output(graph.Sigmoid(graph.SumColumns(graph.Multiply(query, item))));
  }

 private:
  struct Buffers final : Model::Scratch {
    Net::Scratch net;
    FloatBuffer d_state;  // [S, D]
    std::vector<float> element;
    std::vector<float> query;          // [B, D]
    std::vector<std::uint8_t> hidden;  // [S]
    CatalogLossScratch catalog;
  };
  // The sum over the examples, their scores, and all gradients but the net's.
  double Loss(const ModelInput& input, const HistoryStates& states, Buffers& buffers,
              std::span<float> scores, ModelGradients& gradients) const;

  const std::vector<ModelTable> tables_;
  const std::size_t dim_;  // D
  const ItemLoss loss_;
  const std::optional<std::uint32_t> hidden_percent_;
  const bool states_alike_;
  const Places places_;
  DenseLayout layout_;
  NetValue state_;
  Net net_;
};

void NextItemModel::Predict(const ModelInput& input, std::span<const float> dense,
                            Model::Scratch& scratch, std::span<float> scores) const {
  auto& query = static_cast<Buffers&>(scratch).query;
  query.resize(input.examples * dim_);
  RankingQueries(input, dense, scratch, query);
  const auto& [rows, offsets] = input.sequences[places_.item];
  for (std::size_t b = 0; b < input.examples; ++b) {
    const bool empty = offsets[b + 1] == offsets[b];
    const float* item = rows + (offsets[b + 1] - 1 - offsets[0]) * dim_;
    const float y = empty ? 0 : Dot(query.data() + b * dim_, item, dim_);
    scores[b] = 1 / (1 + std::exp(-y));
  }
}

double NextItemModel::Loss(const ModelInput& input, const HistoryStates& states, Buffers& buffers,
                           std::span<float> scores, ModelGradients& gradients) const {
  const SequenceInput& items = input.sequences[places_.item];
  const SequenceInput& negatives = input.sequences[places_.negative];
  float* d_items = gradients.sequences[places_.item];
  float* d_negatives = gradients.sequences[places_.negative];
  float* d_states = buffers.d_state.data();
  if (loss_ != ItemLoss::kFullSoftmax) {
    return NegativesLoss(loss_, states, {items, negatives, d_items, d_negatives}, scores, d_states,
                         &buffers.element);
  }
  const std::size_t all = input.examples;
  std::fill_n(d_items, (items.offsets[all] - items.offsets[0]) * dim_, 0.0F);
  std::fill_n(d_negatives, (negatives.offsets[all] - negatives.offsets[0]) * dim_, 0.0F);
  return CatalogLoss(states, input.catalog, scores, d_states, gradients.catalog, &buffers.catalog);
}

double NextItemModel::ForwardBackward(const ModelInput& input, std::span<const float> dense,
                                      const DropoutStream& dropout, Model::Scratch& scratch,
                                      std::span<float> scores, ModelGradients& gradients) const {
  auto& buffers = static_cast<Buffers&>(scratch);
  if (input.examples == 0) {
    std::fill_n(gradients.dense, layout_.size(), 0.0F);
    return 0;
  }
  TraceSpan span("forward");
  net_.Forward(input, dense.data(), &dropout, buffers.net);
  HistoryStates states;
  states.rows = net_.ValueOf(state_, input, buffers.net);
  states.dim = dim_;
  states.examples = input.examples;
  states.weights = input.weights;
  states.offsets = input.sequences[places_.history].offsets;
  states.alike = states_alike_;
  buffers.d_state.Grow(states.Begin(input.examples) * dim_);
  if (hidden_percent_) {
    FindHidden(&dropout, *hidden_percent_, states.offsets, input.examples, &buffers.hidden);
    states.learned = buffers.hidden.data();
  }
  const double loss =
      net_.Penalty(input, buffers.net) + Loss(input, states, buffers, scores, gradients);
  span.Next("backward");
  const float* d_state = buffers.d_state.data();
  net_.Backward(input, dense.data(), {&state_, 1}, {&d_state, 1}, buffers.net, gradients);
  return loss;
}

void NextItemModel::RankingQueries(const ModelInput& input, std::span<const float> dense,
                                   Model::Scratch& scratch, std::span<float> queries) const {
  if (input.examples == 0) return;
  Net::Scratch& net = static_cast<Buffers&>(scratch).net;
  net_.Forward(input, dense.data(), nullptr, net);
  const float* state = net_.ValueOf(state_, input, net);
  const std::uint32_t* offsets = input.sequences[places_.history].offsets;
  std::fill_n(queries.begin(), input.examples * dim_, 0.0F);
  for (std::size_t b = 0; b < input.examples; ++b) {
    if (offsets[b + 1] == offsets[b]) continue;
    std::copy_n(state + (offsets[b + 1] - 1 - offsets[0]) * dim_, dim_, queries.data() + b * dim_);
  }
}

void NextItemModel::RankingItems(const ModelInput& input, std::span<const float> /*dense*/,
                                 Model::Scratch& /*scratch*/, std::span<float> items) const {
  const auto& [rows, offsets] = input.sequences[places_.item];
  for (std::size_t b = 0; b < input.examples; ++b) {
    ROOKERY_CHECK(offsets[b + 1] - offsets[b] == 1);
    float* item = items.data() + b * (dim_ + 1);
    std::copy_n(rows + (offsets[b] - offsets[0]) * dim_, dim_, item);
    item[dim_] = 0;
  }
}

}  // namespace

StatusOr<NextItemOptions> NextItemOptionsOf(const ModelSpec& spec) {
  NextItemOptions options;
  ROOKERY_ASSIGN_OR_RETURN(const Loss loss, CheckLoss(spec));
  ROOKERY_ASSIGN_OR_RETURN(options.loss, ParseItemLoss(spec.item_loss));
  if (loss != Loss::kBce) {
    return InvalidInput("model '", spec.name, "' has loss \"bce\"; model.item_loss is its own");
  }
  const auto is_list = [&](std::uint32_t f) { return spec.features[f].sequence; };
  if (spec.features.size() != kFeatures || is_list(0) || !is_list(kItem) || !is_list(kNegative) ||
      !is_list(kHistory) || spec.numeric > 0) {
    return InvalidInput("model '", spec.name,
                        "' learns the next item of a user's sequence: use data.format = "
                        "\"sequence\", of lines \"user item item ...\"");
  }
  if (!(spec.dropout >= 0 && spec.dropout < 1)) {
    return InvalidInput("dropout = ", spec.dropout, "; it is the probability of zero, in [0, 1)");
  }
  options.dropout = spec.dropout;
  const bool own = spec.item_rows == "own";
  std::vector<TableWish> wishes = {{.name = "default", .sequences = true}};
  if (own) wishes.push_back({.name = "output", .sequences = true});
  ROOKERY_ASSIGN_OR_RETURN(options.tables, MakeTables(spec, wishes));
  for (ModelTable& table : options.tables) table.features.clear();
  if (options.loss == ItemLoss::kFullSoftmax) options.tables.back().told_from_catalog = kItem;
  if (!own) {
    options.tables[0].sequences = {kItem, kNegative, kHistory};
    return options;
  }
  options.tables[0].sequences = {kHistory};
  options.tables[1].sequences = {kItem, kNegative};
  if (options.tables[0].dim == options.tables[1].dim) return options;
  return InvalidInput("tables 'default' and 'output' of model '", spec.name, "' have dims ",
                      options.tables[0].dim, " and ", options.tables[1].dim,
                      "; they are multiplied and must be equal");
}

StatusOr<std::unique_ptr<Model>> MakeNextItemModel(const NextItemOptions& options) {
  auto model = std::make_unique<NextItemModel>(options);
  ROOKERY_RETURN_IF_ERROR(CheckDenseSize(*model));
  return std::unique_ptr<Model>(std::move(model));
}

}  // namespace rookery
