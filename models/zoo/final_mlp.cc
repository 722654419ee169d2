#include "models/zoo/final_mlp.h"

#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/net/basic_layers.h"
#include "models/net/group_layers.h"
#include "models/zoo/click_net.h"

namespace rookery {
namespace {

// What a stream reads: every input x times a weight from 0 to 2 that follows from the vector of the
// feature `gate` in the table of gates; x itself without a gate.
NetValue Gated(NetBuilder& net, const std::string& name, NetValue x,
               const std::vector<ModelTable>& tables, std::optional<std::uint32_t> gate,
               const ModelSpec& spec) {
  if (!gate) return x;
  const TowerOptions tower{.hidden = spec.gate_hidden,
                           .outputs = static_cast<std::uint32_t>(net.width(x))};
  const NetValue vectors = net.Embeddings(tables[1], 1);
  const NetValue vector = AddSelectGroups(net, vectors, tables[1].features.size(), {*gate});
  const NetValue y = AddBias(net, name + ".bias", AddTower(net, name, vector, tower));
  return AddProduct(net, x, AddScale(net, AddActivation(net, name, y, Activation::kSigmoid), 2));
}

// The place of a gate's feature in the table of gates; none without a gate.
StatusOr<std::optional<std::uint32_t>> FindGate(const ModelSpec& spec,
                                                const std::vector<ModelTable>& tables,
                                                const std::string& option,
                                                const std::string& feature) {
  if (feature.empty()) return std::optional<std::uint32_t>();
  ROOKERY_ASSIGN_OR_RETURN(const std::uint32_t place,
                           FindFeature(spec, tables.back(), option, feature));
  return std::optional(place);
}

StatusOr<std::vector<ModelTable>> MakeFinalMlpTables(const ModelSpec& spec) {
  ModelTable all;
  all.features.resize(spec.features.size());
  std::iota(all.features.begin(), all.features.end(), 0U);
  std::vector<TableWish> wishes = {{.name = "default"}};
  TableWish gates{.name = "gates"};
  const std::pair<const char*, std::string> options[] = {{"first_gate", spec.first_gate},
                                                         {"second_gate", spec.second_gate}};
  for (const auto& [option, name] : options) {
    if (name.empty()) continue;
    ROOKERY_RETURN_IF_ERROR(FindFeature(spec, all, option, name).status());
    gates.only.push_back(name);
  }
  if (!gates.only.empty()) wishes.push_back(gates);
  return MakeTables(spec, wishes);
}

NetValue Bilinear(NetBuilder& net, NetValue u, NetValue v, std::uint32_t heads) {
  std::vector<NetValue> maps;
  for (std::uint32_t k = 0; k < heads; ++k) {
    const NetValue part = AddSelectGroups(net, u, heads, {k});
    maps.push_back(
        AddLinear(net, "fusion." + std::to_string(k), part, net.width(v) / heads, false));
  }
  return AddSumColumns(net, AddProduct(net, net.Concat(maps), v));
}

Status CheckHeads(const ModelSpec& spec, const std::vector<std::uint32_t>& second) {
  const std::uint32_t heads = spec.fusion_heads;
  if (heads > 0 && spec.hidden.back() % heads == 0 && second.back() % heads == 0) {
    return OkStatus();
  }
  return InvalidInput("the last layers of the towers, ", spec.hidden.back(), " and ", second.back(),
                      " units wide, do not divide into ", heads,
                      " heads: choose a model.fusion_heads that divides both");
}

}  // namespace

StatusOr<std::unique_ptr<Model>> MakeFinalMlp(const ModelSpec& spec) {
  NetModelOptions options;
  options.label_mean = spec.label_mean;
  ROOKERY_ASSIGN_OR_RETURN(options.loss, CheckLoss(spec));
  ROOKERY_ASSIGN_OR_RETURN(options.tables, MakeFinalMlpTables(spec));
  ROOKERY_ASSIGN_OR_RETURN(const TowerOptions first, MakeTowerOptions(spec));
  TowerOptions second = first;
  if (!spec.second_hidden.empty()) second.hidden = spec.second_hidden;
  ROOKERY_RETURN_IF_ERROR(CheckWidths("model.second_hidden", second.hidden));
  ROOKERY_RETURN_IF_ERROR(CheckHeads(spec, second.hidden));
  ROOKERY_RETURN_IF_ERROR(CheckWidths("model.gate_hidden", spec.gate_hidden));
  second.dropout_layer = static_cast<std::uint32_t>(first.hidden.size());
  ROOKERY_ASSIGN_OR_RETURN(const auto first_gate,
                           FindGate(spec, options.tables, "first_gate", spec.first_gate));
  ROOKERY_ASSIGN_OR_RETURN(const auto second_gate,
                           FindGate(spec, options.tables, "second_gate", spec.second_gate));
  options.build = [&](NetBuilder& net) {
    const NetValue x = AddClickInputs(net, options.tables[0], spec.numeric).all;
    const auto stream = [&](const std::string& name, const TowerOptions& tower, const auto& gate) {
      return AddHidden(net, name, Gated(net, name + ".gate", x, options.tables, gate, spec), tower);
    };
    const NetValue u = stream("first", first, first_gate);
    const NetValue v = stream("second", second, second_gate);
    return AddSum(net, {AddLinear(net, "first.weight_of", u, 1, false),
                        AddLinear(net, "second.weight_of", v, 1, false),
                        Bilinear(net, u, v, spec.fusion_heads)});
  };
  return MakeNetModel(options);
}

}  // namespace rookery
