#include "models/zoo/gru4rec.h"

#include <string>

#include "models/net/basic_layers.h"
#include "models/net/row_layers.h"
#include "models/net/sequence_layers.h"
#include "models/zoo/next_item_model.h"

namespace rookery {

StatusOr<std::unique_ptr<Model>> MakeGru4Rec(const ModelSpec& spec) {
  ROOKERY_ASSIGN_OR_RETURN(NextItemOptions options, NextItemOptionsOf(spec));
  ROOKERY_RETURN_IF_ERROR(CheckWidths("model.hidden", spec.hidden));
  if (spec.hidden.empty()) {
    return InvalidInput(
        "model 'gru4rec' has 0 cells; give the units of each, such as hidden = "
        "[64]");
  }
  const bool lstm = spec.cell == "lstm";
  options.build = [&](NetBuilder& net, NetValue history) {
    NetValue h = AddDropout(net, history, spec.dropout, 0);
    for (std::size_t l = 0; l < spec.hidden.size(); ++l) {
      const std::string name = "cell." + std::to_string(l);
      h = lstm ? AddLstm(net, name, h, spec.hidden[l]) : AddGru(net, name, h, spec.hidden[l]);
      h = AddDropout(net, h, spec.dropout, l + 1);
    }
    return AddLinear(net, "output", h, options.tables[0].dim, true);
  };
  return MakeNextItemModel(options);
}

}  // namespace rookery
