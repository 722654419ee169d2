#include "models/zoo/dcn.h"

#include <string>
#include <utility>

#include "models/net/basic_layers.h"
#include "models/net/net_model.h"
#include "models/zoo/spec_check.h"

namespace rookery {
namespace {

using MakeCross = NetValue (*)(NetBuilder& net, const std::string& name, NetValue x0, NetValue x,
                               std::uint32_t rank);

NetValue CrossVector(NetBuilder& net, const std::string& name, NetValue x0, NetValue x,
                     std::uint32_t /*rank*/) {
  const NetValue product = AddScaledRows(net, x0, AddLinear(net, name, x, 1, false));
  return AddSum(net, {AddBias(net, name + ".bias", product), x});
}

NetValue CrossMatrix(NetBuilder& net, const std::string& name, NetValue x0, NetValue x,
                     std::uint32_t rank) {
  const NetValue narrow = rank == 0 ? x : AddLinear(net, name + ".narrow", x, rank, false);
  const NetValue mixed = AddLinear(net, name, narrow, net.width(x), true);
  return AddSum(net, {AddProduct(net, x0, mixed), x});
}

StatusOr<std::unique_ptr<Model>> MakeCrossModel(const ModelSpec& spec, MakeCross cross) {
  NetModelOptions options;
  options.label_mean = spec.label_mean;
  ROOKERY_ASSIGN_OR_RETURN(options.loss, CheckLoss(spec));
  ROOKERY_ASSIGN_OR_RETURN(const TowerOptions tower, MakeTowerOptions(spec));
  ROOKERY_ASSIGN_OR_RETURN(options.tables, MakeTables(spec, {{.name = "default"}}));
  options.build = [&](NetBuilder& net) {
    const NetValue x0 = AddInputs(net, options.tables[0], spec.numeric);
    NetValue x = x0;
    for (std::uint32_t l = 0; l < spec.cross_layers; ++l) {
      x = cross(net, "cross." + std::to_string(l), x0, x, spec.cross_rank);
    }
    if (spec.structure == "stacked") return AddTower(net, "tower", x, tower);
    return AddSum(net,
                  {AddLinear(net, "cross.output", x, 1, false), AddTower(net, "tower", x0, tower)});
  };
  return MakeNetModel(options);
}

}  // namespace

StatusOr<std::unique_ptr<Model>> MakeDcn(const ModelSpec& spec) {
  return MakeCrossModel(spec, CrossVector);
}

StatusOr<std::unique_ptr<Model>> MakeDcnV2(const ModelSpec& spec) {
  return MakeCrossModel(spec, CrossMatrix);
}

}  // namespace rookery
