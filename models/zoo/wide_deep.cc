#include "models/zoo/wide_deep.h"

#include <utility>

#include "models/zoo/spec_check.h"
#include "models/zoo/sum_model.h"

namespace rookery {

StatusOr<std::unique_ptr<Model>> MakeWideDeep(const ModelSpec& spec) {
  SumModelOptions options;
  options.numeric = spec.numeric;
  options.label_mean = spec.label_mean;
  ROOKERY_ASSIGN_OR_RETURN(options.loss, CheckLoss(spec));
  ROOKERY_ASSIGN_OR_RETURN(options.tower, MakeTowerOptions(spec));
  ROOKERY_ASSIGN_OR_RETURN(
      std::vector<ModelTable> tables,
      MakeTables(spec,
                 {{.name = "default"}, {.name = "wide", .fixed_dim = true, .zero_columns = 1}}));
  options.tables = {{.table = std::move(tables[0]), .tower = true},
                    {.table = std::move(tables[1]), .first_order = true}};
  return MakeSumModel(options);
}

}  // namespace rookery
