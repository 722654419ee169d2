#include "models/zoo/next_item_model.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "common/check.h"
#include "common/trace.h"
#include "models/net/masked_elements.h"
#include "models/vector_math.h"

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
  };
  // The elements of one example: state, item and negatives begin at row `first`.
  struct Elements {
    std::size_t first = 0, count = 0, first_negative = 0, negatives = 0;
  };
  [[nodiscard]] Elements ElementsOf(const ModelInput& input, std::size_t example) const;
  // One element's scores, of its item and its negatives.
  [[nodiscard]] std::span<float> Score(const ModelInput& input, const float* state,
                                       const Elements& of, std::size_t element,
                                       Buffers& buffers) const;
  void AddGradients(const ModelInput& input, const float* state, const Elements& of,
                    std::size_t element, float weight, Buffers& buffers,
                    ModelGradients& gradients) const;

  void ClearGradients(const Elements& of, std::size_t element, Buffers& buffers,
                      ModelGradients& gradients) const;

  const std::vector<ModelTable> tables_;
  const std::size_t dim_;  // D
  const ItemLoss loss_;
  const std::optional<std::uint32_t> hidden_percent_;
  const Places places_;
  DenseLayout layout_;
  NetValue state_;
  Net net_;
};

NextItemModel::Elements NextItemModel::ElementsOf(const ModelInput& input,
                                                  std::size_t example) const {
  const auto range = [&](std::size_t sequence) {
    const std::uint32_t* offsets = input.sequences[sequence].offsets;
    return std::pair<std::size_t, std::size_t>(offsets[example] - offsets[0],
                                               offsets[example + 1] - offsets[example]);
  };
  const auto [first, count] = range(places_.history);
  const auto [first_item, items] = range(places_.item);
  const auto [first_negative, negatives] = range(places_.negative);
  ROOKERY_CHECK(first == first_item && count == items);
  if (count == 0) return {first, 0, first_negative, 0};
  ROOKERY_CHECK(negatives > 0 && negatives % count == 0);
  return {first, count, first_negative, negatives / count};
}

std::span<float> NextItemModel::Score(const ModelInput& input, const float* state,
                                      const Elements& of, std::size_t element,
                                      Buffers& buffers) const {
  const float* query = state + (of.first + element) * dim_;
  const float* item = input.sequences[places_.item].rows + (of.first + element) * dim_;
  const float* negative =
      input.sequences[places_.negative].rows + (of.first_negative + element * of.negatives) * dim_;
  buffers.element.resize(of.negatives + 1);
  buffers.element[0] = Dot(query, item, dim_);
  for (std::size_t k = 0; k < of.negatives; ++k) {
    buffers.element[k + 1] = Dot(query, negative + k * dim_, dim_);
  }
  return buffers.element;
}

void NextItemModel::AddGradients(const ModelInput& input, const float* state, const Elements& of,
                                 std::size_t element, float weight, Buffers& buffers,
                                 ModelGradients& gradients) const {
  const std::size_t at = (of.first + element) * dim_;
  const std::size_t negative = (of.first_negative + element * of.negatives) * dim_;
  float* d_state = buffers.d_state.data() + at;
  const auto one = [&](std::size_t sequence, std::size_t row, float d) {
    float* d_row = gradients.sequences[sequence] + row;
    std::fill_n(d_row, dim_, 0.0F);
    AddScaled(weight * d, state + at, dim_, d_row);
    AddScaled(weight * d, input.sequences[sequence].rows + row, dim_, d_state);
  };
  std::fill_n(d_state, dim_, 0.0F);
  one(places_.item, at, buffers.element[0]);
  for (std::size_t k = 0; k < of.negatives; ++k) {
    one(places_.negative, negative + k * dim_, buffers.element[k + 1]);
  }
}

void NextItemModel::ClearGradients(const Elements& of, std::size_t element, Buffers& buffers,
                                   ModelGradients& gradients) const {
  const std::size_t at = (of.first + element) * dim_;
  std::fill_n(buffers.d_state.data() + at, dim_, 0.0F);
  std::fill_n(gradients.sequences[places_.item] + at, dim_, 0.0F);
  std::fill_n(
      gradients.sequences[places_.negative] + (of.first_negative + element * of.negatives) * dim_,
      of.negatives * dim_, 0.0F);
}

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
  const float* state = net_.ValueOf(state_, input, buffers.net);
  const std::uint32_t* offsets = input.sequences[places_.history].offsets;
  buffers.d_state.Grow((offsets[input.examples] - offsets[0]) * dim_);
  if (hidden_percent_) {
    FindHidden(&dropout, *hidden_percent_, offsets, input.examples, &buffers.hidden);
  }
  double loss = net_.Penalty(input, buffers.net);
  for (std::size_t b = 0; b < input.examples; ++b) {
    const Elements of = ElementsOf(input, b);
    const float weight = input.weights == nullptr ? 1.0F : input.weights[b];
    double sum = 0;
    std::size_t learned = 0;
    for (std::size_t j = 0; j < of.count; ++j) {
      if (hidden_percent_ && buffers.hidden[of.first + j] == 0) {
        ClearGradients(of, j, buffers, gradients);
        continue;
      }
      const std::span<float> element = Score(input, state, of, j, buffers);
      sum += ItemLossAndGradient(loss_, of.negatives, element.data());
      AddGradients(input, state, of, j, weight, buffers, gradients);
      ++learned;
    }
    const auto count = static_cast<double>(std::max<std::size_t>(learned, 1));
    scores[b] = static_cast<float>(std::exp(-sum / count));
    loss += weight * sum;
  }
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
