#include "models/zoo/dbn.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/check.h"
#include "common/limits.h"
#include "common/trace.h"
#include "models/layers/dropout.h"
#include "models/layers/rbm.h"
#include "models/net/basic_layers.h"
#include "models/net/group_layers.h"
#include "models/net/net_model.h"
#include "models/net/row_layers.h"
#include "models/zoo/spec_check.h"

namespace rookery {
namespace {

std::string LayerName(std::size_t layer) {
  return StrCat("hidden.", layer);
}

class Dbn final : public NetModel {
 public:
  // `hidden`: what options.build sets, the values of the hidden layers.
  Dbn(const NetModelOptions& options, const std::vector<NetValue>& hidden, const ModelSpec& spec)
      : NetModel(options),
        hidden_(hidden),
        numbers_(spec.numeric),
        steps_(spec.pretrain_steps),
        share_(static_cast<float>(spec.pretrain_percent) / 100) {}

  // A feature is redrawn among the keys of the part.
  [[nodiscard]] bool mixes_examples() const override { return steps_ > 0; }
  [[nodiscard]] std::unique_ptr<Model::Scratch> MakeScratch() const override {
    auto buffers = std::make_unique<DbnBuffers>();
    buffers->net = net().MakeScratch();
    return buffers;
  }
  double ForwardBackward(const ModelInput& input, std::span<const float> dense,
                         const DropoutStream& dropout, Model::Scratch& scratch,
                         std::span<float> scores, ModelGradients& gradients) const override;

 private:
  struct DbnBuffers final : Buffers {
    RbmScratch rbm;
  };

  // The hidden layer that learns without labels in this step; none: all learn with them.
  [[nodiscard]] std::optional<std::size_t> PretrainedIn(Step step) const {
    if (steps_ == 0 || Raw(step) / steps_ >= hidden_.size()) return std::nullopt;
    return Raw(step) / steps_;
  }
  [[nodiscard]] std::size_t features() const {
    return tables().empty() ? 0 : tables()[0].features.size();
  }
  [[nodiscard]] std::size_t OffsetOf(const std::string& block) const {
    const auto found = std::ranges::find(dense_blocks(), block, &DenseBlockSpec::name);
    ROOKERY_CHECK(found != dense_blocks().end());
    return found->offset;
  }
  [[nodiscard]] Rbm RbmOf(std::size_t layer, const float* dense) const;
  [[nodiscard]] RbmGradients GradientsOf(std::size_t layer, const Rbm& rbm,
                                         const ModelGradients& gradients) const;

  const std::vector<NetValue> hidden_;
  const std::uint32_t numbers_;  // N
  const std::uint64_t steps_;    // of each hidden layer without labels
  const float share_;            // of their gradients that is given
};

Rbm Dbn::RbmOf(std::size_t layer, const float* dense) const {
  const std::string name = LayerName(layer);
  Rbm rbm{.hidden = net().width(hidden_[layer]), .hidden_bias = dense + OffsetOf(name + ".bias")};
  rbm.row_units = layer == 0 ? features() : 0;
  rbm.numbers = layer == 0 ? numbers_ : net().width(hidden_[layer - 1]);
  rbm.kind = layer == 0 ? Rbm::Numbers::kGaussian : Rbm::Numbers::kBernoulli;
  if (rbm.numbers == 0) return rbm;
  rbm.weight = dense + OffsetOf(name + ".weight");
  rbm.visible_bias = dense + OffsetOf(name + ".visible");
  return rbm;
}

RbmGradients Dbn::GradientsOf(std::size_t layer, const Rbm& rbm,
                              const ModelGradients& gradients) const {
  const std::string name = LayerName(layer);
  RbmGradients all{.hidden_bias = gradients.dense + OffsetOf(name + ".bias")};
  if (rbm.row_units > 0) all.rows = gradients.embeddings[0];
  if (rbm.numbers == 0) return all;
  all.weight = gradients.dense + OffsetOf(name + ".weight");
  all.visible_bias = gradients.dense + OffsetOf(name + ".visible");
  return all;
}

double Dbn::ForwardBackward(const ModelInput& input, std::span<const float> dense,
                            const DropoutStream& dropout, Model::Scratch& scratch,
                            std::span<float> scores, ModelGradients& gradients) const {
  // The biases of visible units are no part of the net, which leaves their gradients as they are.
  if (steps_ > 0) std::fill_n(gradients.dense, dense.size(), 0.0F);
  const std::optional<std::size_t> layer = PretrainedIn(dropout.step);
  if (!layer || input.examples == 0) {
    return NetModel::ForwardBackward(input, dense, dropout, scratch, scores, gradients);
  }
  TraceSpan span("forward");
  Predict(input, dense, scratch, scores);
  span.Next("contrastive divergence");
  auto& buffers = static_cast<DbnBuffers&>(scratch);
  const auto hidden = [&](std::size_t l) { return net().ValueOf(hidden_[l], input, buffers.net); };
  for (std::size_t t = 0; t < tables().size(); ++t) {
    std::fill_n(gradients.embeddings[t], input.examples * features() * tables()[t].dim, 0.0F);
  }
  RbmExamples examples{.count = input.examples, .weights = input.weights};
  if (*layer == 0 && features() > 0) examples.rows = input.embeddings[0];
  examples.numbers = *layer == 0 ? input.numeric : hidden(*layer - 1);
  const Rbm rbm = RbmOf(*layer, dense.data());
  // Dropout has no numbers of this stream: it is of other steps.
  return ContrastiveDivergence(rbm, examples, hidden(*layer), share_,
                               DropoutNumbers(dropout, *layer), buffers.rbm,
                               GradientsOf(*layer, rbm, gradients));
}

// Before the activation.
NetValue FirstLayer(NetBuilder& net, const ModelSpec& spec, const std::vector<ModelTable>& tables) {
  const std::size_t width = spec.hidden[0];
  const std::string name = LayerName(0);
  std::optional<NetValue> sum;
  if (spec.numeric > 0) {
    sum = AddLinear(net, name, net.Numeric(spec.numeric), width, true);
  }
  if (tables.empty()) return *sum;
  const NetValue rows = net.GroupColumns(
      AddSumGroups(net, net.Embeddings(tables[0], 0), tables[0].features.size()), 1, 0, width);
  return sum ? AddSum(net, {*sum, rows}) : AddBias(net, name + ".bias", rows);
}

// Sets `hidden`.
NetValue AddLayers(NetBuilder& net, const ModelSpec& spec, const std::vector<ModelTable>& tables,
                   std::vector<NetValue>* hidden) {
  NetValue h;
  for (std::size_t l = 0; l < spec.hidden.size(); ++l) {
    const std::string name = LayerName(l);
    const std::size_t visible = l == 0 ? spec.numeric : spec.hidden[l - 1];
    const NetValue x =
        l == 0 ? FirstLayer(net, spec, tables) : AddLinear(net, name, h, spec.hidden[l], true);
    hidden->push_back(AddActivation(net, name, x, Activation::kSigmoid));
    if (spec.pretrain_steps > 0 && visible > 0) {
      (void)net.layout().AddConstant(name + ".visible", 1, visible, 0);
    }
    h = AddDropout(net, hidden->back(), spec.dropout, l);
  }
  return AddLinear(net, "output", h, 1, false);
}

// None without features.
StatusOr<std::vector<ModelTable>> MakeDbnTables(const ModelSpec& spec) {
  if (spec.features.empty()) return std::vector<ModelTable>{};
  if (spec.hidden[0] >= kDimMax) {
    return InvalidInput(
        "model 'dbn' keeps the weights of its first hidden layer in rows, one float "
        "for each unit: model.hidden begins with ",
        spec.hidden[0], "; 1 to ", kDimMax - 1, " is possible");
  }
  ModelSpec rows = spec;
  rows.dim = spec.hidden[0];
  ROOKERY_ASSIGN_OR_RETURN(std::vector<ModelTable> tables,
                           MakeTables(rows, {{.name = "default", .zero_columns = 1}}));
  if (tables[0].dim == rows.dim + 1) return tables;
  return InvalidInput("table 'default' of model 'dbn' has dim ", rows.dim,
                      ", the first width of model.hidden, not ", tables[0].dim - 1,
                      "; leave its dim out");
}

}  // namespace

StatusOr<std::unique_ptr<Model>> MakeDbn(const ModelSpec& spec) {
  NetModelOptions options;
  options.label_mean = spec.label_mean;
  ROOKERY_ASSIGN_OR_RETURN(options.loss, CheckLoss(spec));
  ROOKERY_RETURN_IF_ERROR(MakeTowerOptions(spec).status());
  if (spec.features.empty() && spec.numeric == 0) {
    return InvalidInput("model 'dbn' has no input; declare a categorical, list or numeric column");
  }
  ROOKERY_ASSIGN_OR_RETURN(options.tables, MakeDbnTables(spec));
  std::vector<NetValue> hidden;
  options.build = [&](NetBuilder& net) { return AddLayers(net, spec, options.tables, &hidden); };
  auto model = std::make_unique<Dbn>(options, hidden, spec);
  ROOKERY_RETURN_IF_ERROR(CheckDenseSize(*model));
  return std::unique_ptr<Model>(std::move(model));
}

}  // namespace rookery
