#include "models/zoo/spec_check.h"

#include <algorithm>
#include <cmath>

#include "common/limits.h"

namespace rookery {
namespace {

constexpr std::size_t kHiddenLayersMax = 64;
constexpr std::uint32_t kHiddenWidthMax = 65536;

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string NamesOf(const std::vector<TableWish>& wishes) {
  std::string names;
  for (const TableWish& wish : wishes) names += (names.empty() ? "" : ", ") + wish.name;
  return names;
}

bool Has(const std::vector<TableWish>& wishes, const std::string& name) {
  return std::any_of(wishes.begin(), wishes.end(),
                     [&](const TableWish& wish) { return wish.name == name; });
}

Status CheckNames(const ModelSpec& spec, const std::vector<TableWish>& wishes) {
  for (const FeatureShape& feature : spec.features) {
    for (const std::string& table : feature.tables) {
      if (!Has(wishes, table)) {
        return InvalidInput("feature '", feature.name, "' names the table '", table,
                            "', which model '", spec.name,
                            "' does not have; its tables: ", NamesOf(wishes));
      }
    }
  }
  for (const auto& [table, dim] : spec.table_dims) {
    if (!Has(wishes, table)) {
      return InvalidInput("a dim is given for the table '", table, "', which model '", spec.name,
                          "' does not have; its tables: ", NamesOf(wishes));
    }
  }
  return OkStatus();
}

StatusOr<std::uint32_t> DimOf(const ModelSpec& spec, const TableWish& wish) {
  const auto entry = spec.table_dims.find(wish.name);
  if (wish.fixed_dim) {
    if (entry != spec.table_dims.end() && entry->second != wish.zero_columns) {
      return InvalidInput("table '", wish.name, "' of model '", spec.name, "' has dim ",
                          wish.zero_columns, ", not ", entry->second, "; leave its dim out");
    }
    return wish.zero_columns;
  }
  const std::uint32_t dim = entry == spec.table_dims.end() ? spec.dim : entry->second;
  if (dim == 0 || dim > kDimMax - wish.zero_columns) {
    return InvalidInput("table '", wish.name, "' has dim ", dim, "; 1 to ",
                        kDimMax - wish.zero_columns, " is possible in model '", spec.name, "'");
  }
  return dim + wish.zero_columns;
}

}  // namespace

StatusOr<std::vector<ModelTable>> MakeTables(const ModelSpec& spec,
                                             const std::vector<TableWish>& wishes) {
  if (spec.features.size() > kFeaturesMax) {
    return InvalidInput(spec.features.size(), " features; at most ", kFeaturesMax, " are possible");
  }
  ROOKERY_RETURN_IF_ERROR(CheckNames(spec, wishes));
  std::vector<ModelTable> tables;
  for (const TableWish& wish : wishes) {
    ModelTable table{.name = wish.name, .zero_columns = wish.zero_columns, .features = {}};
    ROOKERY_ASSIGN_OR_RETURN(table.dim, DimOf(spec, wish));
    for (std::uint32_t f = 0; f < spec.features.size(); ++f) {
      const std::vector<std::string>& names = spec.features[f].tables;
      if (!names.empty() && !Contains(names, wish.name)) continue;
      if (!wish.only.empty() && !Contains(wish.only, spec.features[f].name)) continue;
      (spec.features[f].sequence ? table.sequences : table.features).push_back(f);
    }
    if (!wish.sequences && !table.sequences.empty()) {
      return InvalidInput("list '", spec.features[table.sequences[0]].name,
                          "' has combiner = \"none\" and model '", spec.name,
                          "' reads no sequences; known combiners: sum, mean, sqrtn");
    }
    if (table.inputs() == 0) {
      return InvalidInput("table '", wish.name, "' of model '", spec.name,
                          "' is read by no feature; declare a categorical or list column with "
                          "tables = [\"",
                          wish.name, "\"], or without tables to have it in every table");
    }
    tables.push_back(std::move(table));
  }
  return tables;
}

Status CheckPairs(const ModelSpec& spec, const ModelTable& table) {
  if (table.features.size() >= 2) return OkStatus();
  return InvalidInput(
      "model '", spec.name, "' is about pairs of features and the data has one ('",
      spec.features[table.features[0]].name,
      "'; keys inside one list do not interact): declare a column per field, or use "
      "model 'lr'");
}

StatusOr<std::uint32_t> FindFeature(const ModelSpec& spec, const ModelTable& table,
                                    const std::string& option, const std::string& name) {
  std::string known;
  for (std::uint32_t i = 0; i < table.features.size(); ++i) {
    const std::string& feature = spec.features[table.features[i]].name;
    if (feature == name) return i;
    known += (known.empty() ? "" : ", ") + feature;
  }
  return InvalidInput("model.", option, " = '", name, "' of model '", spec.name,
                      "' is no feature with one key an example; known: ", known);
}

Status CheckWidths(const std::string& option, const std::vector<std::uint32_t>& widths) {
  if (widths.size() > kHiddenLayersMax) {
    return InvalidInput(option, " has ", widths.size(), " layers; at most ", kHiddenLayersMax,
                        " are possible");
  }
  for (const std::uint32_t width : widths) {
    if (width > 0 && width <= kHiddenWidthMax) continue;
    return InvalidInput("a hidden layer of width ", width, "; 1 to ", kHiddenWidthMax,
                        " is possible");
  }
  return OkStatus();
}

StatusOr<TowerOptions> MakeTowerOptions(const ModelSpec& spec) {
  TowerOptions options{.hidden = spec.hidden, .dropout = spec.dropout, .dtype = spec.dtype};
  ROOKERY_ASSIGN_OR_RETURN(options.activation, ParseActivation(spec.activation));
  ROOKERY_ASSIGN_OR_RETURN(options.norm, ParseNorm(spec.norm));
  if (spec.hidden.empty() || spec.hidden.size() > kHiddenLayersMax) {
    return InvalidInput("model '", spec.name, "' has ", spec.hidden.size(), " hidden layers; 1 to ",
                        kHiddenLayersMax, " are possible, such as hidden = [400, 400, 400]");
  }
  ROOKERY_RETURN_IF_ERROR(CheckWidths("model.hidden", spec.hidden));
  if (!(spec.dropout >= 0 && spec.dropout < 1)) {
    return InvalidInput("dropout = ", spec.dropout, "; it is the probability of zero, in [0, 1)");
  }
  return options;
}

Status CheckDenseSize(const Model& model) {
  std::uint64_t floats = 0;
  for (const DenseBlockSpec& block : model.dense_blocks()) floats += block.size();
  if (floats <= kDenseFloatsMax) return OkStatus();
  return InvalidInput("the model has ", floats, " dense weights; at most ", kDenseFloatsMax,
                      " are possible: fewer or narrower layers, or fewer features");
}

StatusOr<Loss> CheckLoss(const ModelSpec& spec) {
  if (!std::isfinite(spec.label_mean)) {
    return InvalidInput("the mean of the labels is not a finite number");
  }
  return ParseLoss(spec.loss);
}

}  // namespace rookery
