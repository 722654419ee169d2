#include "models/zoo/factorization_machine.h"

#include <utility>

#include "models/zoo/spec_check.h"
#include "models/zoo/sum_model.h"

namespace rookery {

StatusOr<std::unique_ptr<Model>> MakeFactorizationMachine(const ModelSpec& spec) {
  SumModelOptions options;
  options.numeric = spec.numeric;
  options.label_mean = spec.label_mean;
  ROOKERY_ASSIGN_OR_RETURN(options.loss, CheckLoss(spec));
  options.numeric_linear = true;
  ROOKERY_ASSIGN_OR_RETURN(std::vector<ModelTable> tables,
                           MakeTables(spec, {{.name = "default", .zero_columns = 1}}));
  ROOKERY_RETURN_IF_ERROR(CheckPairs(spec, tables[0]));
  options.tables = {{.table = std::move(tables[0]), .first_order = true, .interaction = true}};
  return MakeSumModel(options);
}

}  // namespace rookery
