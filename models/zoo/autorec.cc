#include "models/zoo/autorec.h"

#include <numeric>
#include <string>
#include <vector>

#include "models/net/basic_layers.h"
#include "models/net/group_layers.h"
#include "models/net/row_layers.h"
#include "models/zoo/click_net.h"

namespace rookery {
namespace {

StatusOr<std::vector<ModelTable>> MakeAutoRecTables(const ModelSpec& spec) {
  ModelTable all;
  all.features.resize(spec.features.size());
  std::iota(all.features.begin(), all.features.end(), 0U);
  ROOKERY_ASSIGN_OR_RETURN(const std::uint32_t target,
                           FindFeature(spec, all, "target", spec.target));
  TableWish inputs{.name = "default"};
  for (std::uint32_t f = 0; f < spec.features.size(); ++f) {
    if (f != target) inputs.only.push_back(spec.features[f].name);
  }
  if (inputs.only.empty()) {
    return InvalidInput("model 'autorec' has no input beside its target '", spec.target,
                        "': declare a list of who rated the item, and how");
  }
  ROOKERY_ASSIGN_OR_RETURN(
      std::vector<ModelTable> tables,
      MakeTables(spec, {inputs, {.name = "output", .zero_columns = 1, .only = {spec.target}}}));
  if (tables[0].dim + 1 == tables[1].dim) return tables;
  return InvalidInput("tables 'default' and 'output' of model 'autorec' have dims ", tables[0].dim,
                      " and ", tables[1].dim - 1, "; they are multiplied and must be equal");
}

}  // namespace

StatusOr<std::unique_ptr<Model>> MakeAutoRec(const ModelSpec& spec) {
  NetModelOptions options;
  options.label_mean = spec.label_mean;
  ROOKERY_ASSIGN_OR_RETURN(options.loss, CheckLoss(spec));
  ROOKERY_ASSIGN_OR_RETURN(options.tables, MakeAutoRecTables(spec));
  ROOKERY_ASSIGN_OR_RETURN(const Activation activation, ParseActivation(spec.activation));
  if (spec.numeric > 0) {
    return InvalidInput("model 'autorec' takes no numeric inputs and the data has ", spec.numeric,
                        ": give their columns input = false");
  }
  if (!(spec.dropout >= 0 && spec.dropout < 1)) {
    return InvalidInput("dropout = ", spec.dropout, "; it is the probability of zero, in [0, 1)");
  }
  options.build = [&](NetBuilder& net) {
    const std::size_t dim = options.tables[0].dim;
    const NetValue sum =
        AddSumGroups(net, net.Embeddings(options.tables[0], 0), options.tables[0].features.size());
    const NetValue h = AddActivation(net, "encoder", AddBias(net, "encoder.bias", sum), activation);
    const NetValue row = net.Embeddings(options.tables[1], 1);
    const NetValue score = AddSumColumns(net, AddProduct(net, AddDropout(net, h, spec.dropout, 0),
                                                         net.GroupColumns(row, 1, 0, dim)));
    return AddSum(net, {score, net.GroupColumns(row, 1, dim, dim + 1)});
  };
  return MakeNetModel(options);
}

}  // namespace rookery
