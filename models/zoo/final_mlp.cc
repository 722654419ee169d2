#include "models/zoo/final_mlp.h"

#include <string>
#include <vector>

#include "models/net/basic_layers.h"
#include "models/net/group_layers.h"
#include "models/zoo/click_net.h"

namespace rookery {
namespace {

// A tower whose last hidden layer is the result.
NetValue Stream(NetBuilder& net, const std::string& name, NetValue x, TowerOptions options) {
  options.outputs = options.hidden.back();
  options.hidden.pop_back();
  const NetValue y = AddTower(net, name, x, options);
  return AddActivation(net, name + ".output", AddBias(net, name + ".output.bias", y),
                       options.activation);
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
  second.dropout_layer = static_cast<std::uint32_t>(first.hidden.size());
  options.build = [&](NetBuilder& net) {
    const ClickInputs in = AddClickInputs(net, options.tables[0], spec.numeric);
    const NetValue u = Stream(net, "first", in.all, first);
    const NetValue v = Stream(net, "second", in.all, second);
    return AddSum(net, {AddLinear(net, "first.weight_of", u, 1, false),
                        AddLinear(net, "second.weight_of", v, 1, false),
                        Bilinear(net, u, v, spec.fusion_heads)});
  };
  return MakeNetModel(options);
}

}  // namespace rookery
