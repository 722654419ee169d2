#include "models/zoo/bpr_mf.h"

#include "models/net/basic_layers.h"
#include "models/net/net_model.h"
#include "models/zoo/spec_check.h"

namespace rookery {

StatusOr<std::unique_ptr<Model>> MakeBprMf(const ModelSpec& spec) {
  NetModelOptions options;
  options.bias = false;  // it would say nothing of a difference
  ROOKERY_ASSIGN_OR_RETURN(options.loss, CheckLoss(spec));
  ROOKERY_ASSIGN_OR_RETURN(options.tables,
                           MakeTables(spec, {{.name = "default", .zero_columns = 1}}));
  if (options.loss != Loss::kBce) {
    return InvalidInput("model 'bpr_mf' compares two items: its loss is \"bce\"");
  }
  const ModelTable& table = options.tables[0];
  if (table.features.size() != 3 || spec.numeric > 0) {
    return InvalidInput(
        "model 'bpr_mf' needs three features, user, item and negative, and no "
        "numeric input: use data.format = \"sequence\"");
  }
  options.build = [&table](NetBuilder& net) {
    const std::size_t row = table.dim;
    const std::size_t dim = row - 1;
    const NetValue rows = net.Embeddings(table, 0);
    const NetValue user = net.GroupColumns(rows, 1, 0, dim);
    const NetValue item = net.GroupColumns(rows, 1, row, 2 * row);
    const NetValue negative = net.GroupColumns(rows, 1, 2 * row, 3 * row);
    const NetValue difference = AddSum(net, {item, AddScale(net, negative, -1)});
    const NetValue vector = net.GroupColumns(difference, 1, 0, dim);
    const NetValue bias = net.GroupColumns(difference, 1, dim, row);
    const NetValue product = AddSumColumns(net, AddProduct(net, user, vector));
    return NetOutputs{AddSum(net, {product, bias}), RankingValues{user, item}};
  };
  return MakeNetModel(options);
}

}  // namespace rookery
