#include "models/zoo/xdeepfm.h"

#include <string>
#include <vector>

#include "models/net/basic_layers.h"
#include "models/net/group_layers.h"
#include "models/net/outer_layer.h"
#include "models/zoo/click_net.h"

namespace rookery {
namespace {

// [B, 1]. The maps lie transposed, [D, maps] of an example: columns mix, maps add up.
NetValue Interactions(NetBuilder& net, const ClickInputs& in,
                      const std::vector<std::uint32_t>& widths) {
  const std::size_t dim = net.width(in.vectors) / in.features;
  const NetValue x0 = AddTransposeGroups(net, in.vectors, in.features);
  std::vector<NetValue> sums;
  NetValue x = x0;
  for (const std::uint32_t width : widths) {
    x = AddOuterLinear(net, "cin." + std::to_string(sums.size()), x, x0, dim, width);
    sums.push_back(AddSumGroups(net, x, dim));
  }
  return AddLinear(net, "cin.output", net.Concat(sums), 1, false);
}

}  // namespace

StatusOr<std::unique_ptr<Model>> MakeXDeepFm(const ModelSpec& spec) {
  ROOKERY_ASSIGN_OR_RETURN(NetModelOptions options, ClickOptions(spec, true));
  ROOKERY_RETURN_IF_ERROR(CheckPairs(spec, options.tables[0]));
  ROOKERY_ASSIGN_OR_RETURN(const TowerOptions tower, MakeTowerOptions(spec));
  ROOKERY_RETURN_IF_ERROR(CheckWidths("model.cin", spec.cin));
  if (spec.cin.empty()) {
    return InvalidInput(
        "model 'xdeepfm' has no level of interaction maps: cin = [100, 100] would "
        "be two of 100 maps each");
  }
  options.build = [&](NetBuilder& net) {
    const ClickInputs in = AddClickInputs(net, options.tables[0], spec.numeric);
    return AddSum(net, {in.first_order, Interactions(net, in, spec.cin),
                        AddTower(net, "tower", in.all, tower)});
  };
  return MakeNetModel(options);
}

}  // namespace rookery
