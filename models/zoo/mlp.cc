#include "models/zoo/mlp.h"

#include <utility>

#include "models/zoo/spec_check.h"
#include "models/zoo/sum_model.h"

namespace rookery {

StatusOr<std::unique_ptr<Model>> MakeMlp(const ModelSpec& spec) {
  SumModelOptions options;
  options.numeric = spec.numeric;
  options.label_mean = spec.label_mean;
  ROOKERY_ASSIGN_OR_RETURN(options.loss, CheckLoss(spec));
  ROOKERY_ASSIGN_OR_RETURN(options.tower, MakeTowerOptions(spec));
  if (spec.features.empty() && spec.numeric == 0) {
    return InvalidInput("model 'mlp' has no input; declare a categorical, list or numeric column");
  }
  if (!spec.features.empty()) {
    ROOKERY_ASSIGN_OR_RETURN(std::vector<ModelTable> tables,
                             MakeTables(spec, {{.name = "default"}}));
    options.tables = {{.table = std::move(tables[0]), .tower = true}};
  }
  return MakeSumModel(options);
}

}  // namespace rookery
