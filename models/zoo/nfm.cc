#include "models/zoo/nfm.h"

#include "models/net/basic_layers.h"
#include "models/net/group_layers.h"
#include "models/zoo/click_net.h"

namespace rookery {

StatusOr<std::unique_ptr<Model>> MakeNfm(const ModelSpec& spec) {
  ROOKERY_ASSIGN_OR_RETURN(NetModelOptions options, ClickOptions(spec, true));
  ROOKERY_RETURN_IF_ERROR(CheckPairs(spec, options.tables[0]));
  ROOKERY_ASSIGN_OR_RETURN(const TowerOptions tower, MakeTowerOptions(spec));
  options.build = [&](NetBuilder& net) {
    const ClickInputs in = AddClickInputs(net, options.tables[0], 0);
    const NetValue pairs = AddPairSum(net, in.vectors, in.features);
    const NetValue deep = AddTower(net, "tower", WithNumbers(net, {pairs}, spec.numeric), tower);
    return AddSum(net, {in.first_order, deep});
  };
  return MakeNetModel(options);
}

}  // namespace rookery
