#include "models/zoo/click_net.h"

#include <utility>

#include "models/net/basic_layers.h"
#include "models/net/row_layers.h"

namespace rookery {

StatusOr<NetModelOptions> ClickOptions(const ModelSpec& spec, bool first_order) {
  NetModelOptions options;
  options.label_mean = spec.label_mean;
  ROOKERY_ASSIGN_OR_RETURN(options.loss, CheckLoss(spec));
  ROOKERY_ASSIGN_OR_RETURN(
      options.tables,
      MakeTables(spec, {{.name = "default", .zero_columns = first_order ? 1U : 0U}}));
  return options;
}

ClickInputs AddClickInputs(NetBuilder& net, const ModelTable& table, std::uint32_t numeric) {
  const std::size_t width = table.dim - table.zero_columns;
  ClickInputs inputs{.features = table.features.size()};
  const NetValue rows = net.Embeddings(table, 0);
  inputs.vectors = net.GroupColumns(rows, inputs.features, 0, width);
  inputs.all = WithNumbers(net, {inputs.vectors}, numeric);
  if (table.zero_columns == 0) return inputs;
  inputs.first_order =
      AddSumColumns(net, net.GroupColumns(rows, inputs.features, width, table.dim));
  return inputs;
}

NetValue AddHidden(NetBuilder& net, const std::string& name, NetValue x, TowerOptions options) {
  options.outputs = options.hidden.back();
  options.hidden.pop_back();
  const std::string last = name + ".output";
  NetValue y = AddTower(net, name, x, options);
  y = options.norm == NormKind::kNone ? AddBias(net, last + ".bias", y)
                                      : AddNorm(net, last, y, options.norm);
  return AddDropout(net, AddActivation(net, last, y, options.activation), options.dropout,
                    options.dropout_layer + options.hidden.size());
}

NetValue WithNumbers(NetBuilder& net, std::vector<NetValue> values, std::uint32_t numeric) {
  if (numeric > 0) values.push_back(net.Numeric(numeric));
  return net.Concat(values);
}

}  // namespace rookery
