#include "models/zoo/logistic_regression.h"

#include <utility>

#include "models/zoo/spec_check.h"
#include "models/zoo/sum_model.h"

namespace rookery {

StatusOr<std::unique_ptr<Model>> MakeLogisticRegression(const ModelSpec& spec) {
  SumModelOptions options;
  options.numeric = spec.numeric;
  options.label_mean = spec.label_mean;
  ROOKERY_ASSIGN_OR_RETURN(options.loss, CheckLoss(spec));
  options.numeric_linear = true;
  if (spec.features.empty() && spec.numeric == 0) {
    return InvalidInput("model 'lr' has no input; declare a categorical, list or numeric column");
  }
  if (!spec.features.empty()) {
    ROOKERY_ASSIGN_OR_RETURN(
        std::vector<ModelTable> tables,
        MakeTables(spec, {{.name = "default", .fixed_dim = true, .zero_columns = 1}}));
    options.tables = {{.table = std::move(tables[0]), .first_order = true}};
  }
  return MakeSumModel(options);
}

}  // namespace rookery
