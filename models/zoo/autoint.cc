#include "models/zoo/autoint.h"

#include <string>
#include <vector>

#include "models/net/basic_layers.h"
#include "models/net/group_layers.h"
#include "models/zoo/click_net.h"

namespace rookery {
namespace {

Status CheckAttention(const ModelSpec& spec) {
  if (spec.attention_heads > 0 && spec.attention_width % spec.attention_heads == 0) {
    return OkStatus();
  }
  return InvalidInput("attention_width = ", spec.attention_width, " does not divide into ",
                      spec.attention_heads, " heads: choose a multiple of model.attention_heads");
}

NetValue Attention(NetBuilder& net, const std::string& name, NetValue x, std::size_t features,
                   Activation activation, const ModelSpec& spec) {
  const auto map = [&](const char* what) {
    return AddGroupLinear(net, name + what, x, features, spec.attention_width, false);
  };
  const NetValue q = map(".query"), k = map(".key"), v = map(".value");
  const NetValue sum = AddSum(
      net, {AddGroupAttention(net, q, k, v, features, spec.attention_heads, 1), map(".residual")});
  return AddActivation(net, name, sum, activation);
}

}  // namespace

StatusOr<std::unique_ptr<Model>> MakeAutoInt(const ModelSpec& spec) {
  ROOKERY_ASSIGN_OR_RETURN(NetModelOptions options, ClickOptions(spec, false));
  ROOKERY_RETURN_IF_ERROR(CheckPairs(spec, options.tables[0]));
  ROOKERY_RETURN_IF_ERROR(CheckAttention(spec));
  ROOKERY_ASSIGN_OR_RETURN(const Activation activation, ParseActivation(spec.activation));
  TowerOptions tower;
  if (!spec.hidden.empty()) {
    ROOKERY_ASSIGN_OR_RETURN(tower, MakeTowerOptions(spec));
  } else if (spec.numeric > 0) {
    return InvalidInput(
        "model 'autoint' takes numeric inputs by a tower only: give it hidden "
        "layers, such as hidden = [400, 400], or the columns input = false");
  }
  options.build = [&](NetBuilder& net) {
    const ClickInputs in = AddClickInputs(net, options.tables[0], spec.numeric);
    NetValue x = in.vectors;
    for (std::uint32_t l = 0; l < spec.attention_layers; ++l) {
      x = Attention(net, "attention." + std::to_string(l), x, in.features, activation, spec);
    }
    std::vector<NetValue> terms = {AddLinear(net, "attention.output", x, 1, false)};
    if (!spec.hidden.empty()) terms.push_back(AddTower(net, "tower", in.all, tower));
    return AddSum(net, terms);
  };
  return MakeNetModel(options);
}

}  // namespace rookery
