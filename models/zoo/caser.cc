#include "models/zoo/caser.h"

#include <string>
#include <vector>

#include "models/net/basic_layers.h"
#include "models/net/row_layers.h"
#include "models/net/sequence_layers.h"
#include "models/zoo/next_item_model.h"

namespace rookery {

StatusOr<std::unique_ptr<Model>> MakeCaser(const ModelSpec& spec) {
  ROOKERY_ASSIGN_OR_RETURN(NextItemOptions options, NextItemOptionsOf(spec));
  ROOKERY_ASSIGN_OR_RETURN(const Activation activation, ParseActivation(spec.activation));
  if (spec.window == 0 || spec.horizontal_filters + spec.vertical_filters == 0) {
    return InvalidInput(
        "model 'caser' has no filter: give model.window, and one of "
        "model.horizontal_filters and model.vertical_filters, 1 or more");
  }
  options.build = [&](NetBuilder& net, NetValue history) {
    const std::size_t dim = net.width(history);
    const ImageShape image{spec.window, dim};
    const NetValue recent = AddWindow(net, history, spec.window);
    std::vector<NetValue> parts;
    for (std::size_t height = 1; spec.horizontal_filters > 0 && height <= spec.window; ++height) {
      const std::string name = "horizontal." + std::to_string(height);
      const NetValue maps =
          AddConvolution(net, name, recent, image, {height, dim}, spec.horizontal_filters);
      parts.push_back(
          AddMaxGroups(net, AddActivation(net, name, maps, activation), spec.window - height + 1));
    }
    if (spec.vertical_filters > 0) {
      parts.push_back(
          AddConvolution(net, "vertical", recent, image, {spec.window, 1}, spec.vertical_filters));
    }
    const NetValue all = AddDropout(net, net.Concat(parts), spec.dropout, 0);
    return AddActivation(net, "output", AddLinear(net, "output", all, dim, true), activation);
  };
  return MakeNextItemModel(options);
}

}  // namespace rookery
