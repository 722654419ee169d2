#include "models/zoo/mult_vae.h"

#include <string>
#include <vector>

#include "models/net/basic_layers.h"
#include "models/net/latent_layer.h"
#include "models/net/masked_elements.h"
#include "models/net/row_layers.h"
#include "models/net/sequence_layers.h"
#include "models/zoo/next_item_model.h"

namespace rookery {

StatusOr<std::unique_ptr<Model>> MakeMultVae(const ModelSpec& spec) {
  ROOKERY_ASSIGN_OR_RETURN(NextItemOptions options, NextItemOptionsOf(spec));
  if (spec.hidden.empty()) {
    return InvalidInput("model 'mult_vae' has no hidden layer; give model.hidden, such as [600]");
  }
  ROOKERY_RETURN_IF_ERROR(CheckWidths("model.hidden", spec.hidden));
  options.states_alike = true;
  options.build = [&](NetBuilder& net, NetValue history) {
    const NetValue kept = AddDroppedElements(net, history, spec.dropout);
    NetValue h = AddLayerNorm(net, "items", AddSumOfElements(net, kept));
    const auto layer = [&net](const std::string& name, NetValue x, std::size_t outputs) {
      return AddActivation(net, name, AddLinear(net, name, x, outputs, true), Activation::kTanh);
    };
    for (std::size_t l = 0; l < spec.hidden.size(); ++l) {
      h = layer("encoder." + std::to_string(l), h, spec.hidden[l]);
    }
    h = AddLinear(net, "latent", h, 2 * std::size_t{spec.latent}, true);
    h = AddLatent(net, h, static_cast<float>(spec.kl_percent) / 100, 0);
    for (std::size_t l = spec.hidden.size(); l-- > 0;) {
      h = layer("decoder." + std::to_string(l), h, spec.hidden[l]);
    }
    const NetValue query = AddLinear(net, "query", h, options.tables[0].dim, true);
    return AddRepeat(net, query, history);
  };
  return MakeNextItemModel(options);
}

}  // namespace rookery
