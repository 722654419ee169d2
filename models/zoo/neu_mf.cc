#include "models/zoo/neu_mf.h"

#include "models/net/basic_layers.h"
#include "models/net/group_layers.h"
#include "models/zoo/click_net.h"

namespace rookery {

StatusOr<std::unique_ptr<Model>> MakeNeuMf(const ModelSpec& spec) {
  NetModelOptions options;
  options.label_mean = spec.label_mean;
  ROOKERY_ASSIGN_OR_RETURN(options.loss, CheckLoss(spec));
  ROOKERY_ASSIGN_OR_RETURN(options.tables,
                           MakeTables(spec, {{.name = "default"}, {.name = "mlp"}}));
  ROOKERY_ASSIGN_OR_RETURN(const TowerOptions tower, MakeTowerOptions(spec));
  if (options.tables[0].features.size() != 2) {
    return InvalidInput(
        "model 'neumf' multiplies the vectors of two features, and table 'default' "
        "is read by ",
        options.tables[0].features.size(),
        ": give the others tables = [\"mlp\"], or type = \"ignore\"");
  }
  options.build = [&](NetBuilder& net) {
    const NetValue vectors = net.Embeddings(options.tables[0], 0);
    const NetValue product = AddPairs(net, vectors, vectors, 2);
    const NetValue deep = WithNumbers(net, {net.Embeddings(options.tables[1], 1)}, spec.numeric);
    return AddSum(net, {AddLinear(net, "product.output", product, 1, false),
                        AddTower(net, "tower", deep, tower)});
  };
  return MakeNetModel(options);
}

}  // namespace rookery
