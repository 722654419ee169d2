#include "models/zoo/din.h"

#include <algorithm>
#include <string>
#include <vector>

#include "models/net/basic_layers.h"
#include "models/net/group_layers.h"
#include "models/net/sequence_layers.h"
#include "models/zoo/click_net.h"

namespace rookery {
namespace {

Status CheckSequences(const ModelSpec& spec, const ModelTable& table) {
  if (!table.sequences.empty()) return OkStatus();
  return InvalidInput("model '", spec.name,
                      "' weighs the elements of lists and the data has no "
                      "list with combiner = \"none\": give the column of what a user did type = "
                      "\"list\", combiner = \"none\" and the space of the target");
}

// The elements h [S, D], weighed by how they fit t [B, D], added up.
NetValue Attended(NetBuilder& net, const std::string& name, NetValue h, NetValue t,
                  const TowerOptions& tower) {
  const NetValue target = AddRepeat(net, t, h);
  const NetValue pair = net.Concat(
      {h, target, AddSum(net, {h, AddScale(net, target, -1)}), AddProduct(net, h, target)});
  const NetValue weights = AddBias(net, name + ".bias", AddTower(net, name, pair, tower));
  return AddSumOfElements(net, AddScaledRows(net, h, weights));
}

// The states [S, D] of a recurrent network over a list's elements. Both ways: what the states of a
// second one, from the last element to the first, and of the first one tell together.
NetValue States(NetBuilder& net, const std::string& name, NetValue elements, const ModelSpec& spec,
                std::size_t units) {
  const auto cell = [&](const std::string& cell_name, NetValue x) {
    return spec.cell == "lstm" ? AddLstm(net, cell_name, x, units)
                               : AddGru(net, cell_name, x, units);
  };
  const NetValue states = cell(name + "." + spec.cell, elements);
  if (spec.direction == "forward") return states;
  const NetValue back =
      AddReversed(net, cell(name + ".back." + spec.cell, AddReversed(net, elements)));
  return AddLinear(net, name + ".both", net.Concat({states, back}), units, true);
}

StatusOr<std::unique_ptr<Model>> Make(const ModelSpec& spec, bool recurrent) {
  NetModelOptions options;
  options.label_mean = spec.label_mean;
  ROOKERY_ASSIGN_OR_RETURN(options.loss, CheckLoss(spec));
  ROOKERY_ASSIGN_OR_RETURN(const TowerOptions tower, MakeTowerOptions(spec));
  ROOKERY_ASSIGN_OR_RETURN(options.tables,
                           MakeTables(spec, {{.name = "default", .sequences = true}}));
  const ModelTable& table = options.tables[0];
  ROOKERY_RETURN_IF_ERROR(CheckSequences(spec, table));
  ROOKERY_ASSIGN_OR_RETURN(const std::uint32_t target,
                           FindFeature(spec, table, "target", spec.target));
  ROOKERY_RETURN_IF_ERROR(CheckWidths("model.attention_hidden", spec.attention_hidden));
  const TowerOptions attention{.hidden = spec.attention_hidden, .activation = tower.activation};
  options.build = [&](NetBuilder& net) {
    const NetValue vectors = net.Embeddings(table, 0);
    const NetValue t = AddSelectGroups(net, vectors, table.features.size(), {target});
    std::vector<NetValue> parts = {vectors};
    for (std::uint32_t s = 0; s < table.sequences.size(); ++s) {
      const std::string name = "sequence." + std::to_string(s);
      NetValue h = net.Sequence(table, s);
      if (recurrent) h = States(net, name, h, spec, table.dim);
      parts.push_back(Attended(net, name, h, t, attention));
    }
    return AddTower(net, "tower", WithNumbers(net, parts, spec.numeric), tower);
  };
  return MakeNetModel(options);
}

}  // namespace

StatusOr<std::unique_ptr<Model>> MakeDin(const ModelSpec& spec) {
  return Make(spec, false);
}

StatusOr<std::unique_ptr<Model>> MakeDien(const ModelSpec& spec) {
  return Make(spec, true);
}

}  // namespace rookery
