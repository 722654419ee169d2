#include "models/zoo/final_mlp.h"

#include <optional>
#include <string>
#include <vector>

#include "models/net/basic_layers.h"
#include "models/net/group_layers.h"
#include "models/net/row_layers.h"
#include "models/zoo/click_net.h"

namespace rookery {
namespace {

// A tower whose last hidden layer is the result.
NetValue Stream(NetBuilder& net, const std::string& name, NetValue x, TowerOptions options) {
  options.outputs = options.hidden.back();
  options.hidden.pop_back();
  const std::string last = name + ".output";
  NetValue y = AddTower(net, name, x, options);
  y = options.norm == NormKind::kNone ? AddBias(net, last + ".bias", y)
                                      : AddNorm(net, last, y, options.norm);
  return AddDropout(net, AddActivation(net, last, y, options.activation), options.dropout,
                    options.dropout_layer + options.hidden.size());
}

// What a stream reads: every input times a weight from 0 to 2 that follows from the context's
// vector.
NetValue Gated(NetBuilder& net, const std::string& name, const ClickInputs& in,
               std::optional<std::uint32_t> context, const ModelSpec& spec) {
  if (!context) return in.all;
  const TowerOptions tower{.hidden = spec.gate_hidden,
                           .outputs = static_cast<std::uint32_t>(net.width(in.all))};
  const NetValue vector = AddSelectGroups(net, in.vectors, in.features, {*context});
  const NetValue y = AddBias(net, name + ".bias", AddTower(net, name, vector, tower));
  const NetValue weights = AddScale(net, AddActivation(net, name, y, Activation::kSigmoid), 2);
  return AddProduct(net, in.all, weights);
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
  ROOKERY_ASSIGN_OR_RETURN(NetModelOptions options, ClickOptions(spec, false));
  ROOKERY_ASSIGN_OR_RETURN(const TowerOptions first, MakeTowerOptions(spec));
  TowerOptions second = first;
  if (!spec.second_hidden.empty()) second.hidden = spec.second_hidden;
  ROOKERY_RETURN_IF_ERROR(CheckWidths("model.second_hidden", second.hidden));
  ROOKERY_RETURN_IF_ERROR(CheckHeads(spec, second.hidden));
  const ModelTable& table = options.tables[0];
  std::optional<std::uint32_t> first_gate, second_gate;
  if (!spec.first_gate.empty()) {
    ROOKERY_ASSIGN_OR_RETURN(first_gate, FindFeature(spec, table, "first_gate", spec.first_gate));
  }
  if (!spec.second_gate.empty()) {
    ROOKERY_ASSIGN_OR_RETURN(second_gate,
                             FindFeature(spec, table, "second_gate", spec.second_gate));
  }
  ROOKERY_RETURN_IF_ERROR(CheckWidths("model.gate_hidden", spec.gate_hidden));
  second.dropout_layer = static_cast<std::uint32_t>(first.hidden.size());
  options.build = [&](NetBuilder& net) {
    const ClickInputs in = AddClickInputs(net, options.tables[0], spec.numeric);
    const NetValue u = Stream(net, "first", Gated(net, "first.gate", in, first_gate, spec), first);
    const NetValue v =
        Stream(net, "second", Gated(net, "second.gate", in, second_gate, spec), second);
    return AddSum(net, {AddLinear(net, "first.weight_of", u, 1, false),
                        AddLinear(net, "second.weight_of", v, 1, false),
                        Bilinear(net, u, v, spec.fusion_heads)});
  };
  return MakeNetModel(options);
}

}  // namespace rookery
