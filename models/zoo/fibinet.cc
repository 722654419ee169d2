#include "models/zoo/fibinet.h"

#include <algorithm>
#include <string>
#include <vector>

#include "models/net/basic_layers.h"
#include "models/net/group_layers.h"
#include "models/zoo/click_net.h"

namespace rookery {
namespace {

NetValue Weighed(NetBuilder& net, NetValue x, std::size_t features, std::uint32_t reduction,
                 Activation activation) {
  const std::size_t dim = net.width(x) / features;
  const NetValue means =
      AddScale(net, AddGroupSums(net, x, features), 1.0F / static_cast<float>(dim));
  const std::size_t narrow = std::max<std::size_t>(1, features / reduction);
  const auto layer = [&](const std::string& name, NetValue in, std::size_t outputs) {
    return AddActivation(net, name, AddLinear(net, name, in, outputs, false), activation);
  };
  const NetValue weights = layer("senet.1", layer("senet.0", means, narrow), features);
  return AddScaledGroups(net, x, weights, features);
}

NetValue Bilinear(NetBuilder& net, const std::string& name, NetValue x, std::size_t features,
                  bool each) {
  const std::size_t dim = net.width(x) / features;
  if (!each) return AddPairs(net, AddGroupLinear(net, name, x, features, dim, false), x, features);
  std::vector<NetValue> maps;
  for (std::uint32_t f = 0; f < features; ++f) {
    const NetValue vector = AddSelectGroups(net, x, features, {f});
    const bool first = f + 1 < features;  // of some pair
    maps.push_back(first ? AddLinear(net, name + "." + std::to_string(f), vector, dim, false)
                         : vector);
  }
  return AddPairs(net, net.Concat(maps), x, features);
}

}  // namespace

StatusOr<std::unique_ptr<Model>> MakeFibiNet(const ModelSpec& spec) {
  ROOKERY_ASSIGN_OR_RETURN(NetModelOptions options, ClickOptions(spec, true));
  ROOKERY_RETURN_IF_ERROR(CheckPairs(spec, options.tables[0]));
  ROOKERY_ASSIGN_OR_RETURN(const TowerOptions tower, MakeTowerOptions(spec));
  options.build = [&](NetBuilder& net) {
    const ClickInputs in = AddClickInputs(net, options.tables[0], 0);
    const bool each = spec.bilinear == "each";
    const NetValue weighed =
        Weighed(net, in.vectors, in.features, std::max(1U, spec.senet_reduction), tower.activation);
    const NetValue deep =
        WithNumbers(net,
                    {Bilinear(net, "bilinear.plain", in.vectors, in.features, each),
                     Bilinear(net, "bilinear.weighed", weighed, in.features, each)},
                    spec.numeric);
    return AddSum(net, {in.first_order, AddTower(net, "tower", deep, tower)});
  };
  return MakeNetModel(options);
}

}  // namespace rookery
