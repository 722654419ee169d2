#include "models/zoo/matrix_factorization.h"

#include <utility>

#include "models/zoo/spec_check.h"
#include "models/zoo/sum_model.h"

namespace rookery {

StatusOr<std::unique_ptr<Model>> MakeMatrixFactorization(const ModelSpec& spec) {
  SumModelOptions options;
  options.numeric = spec.numeric;
  options.label_mean = spec.label_mean;
  ROOKERY_ASSIGN_OR_RETURN(options.loss, CheckLoss(spec));
  if (spec.features.size() != 2 || spec.numeric != 0) {
    return InvalidInput(
        "model 'mf' has exactly two features, a user and an item, and no numeric "
        "inputs; the data has ",
        spec.features.size(), " features and ", spec.numeric,
        " numeric inputs: ignore the other columns, or use model 'fm'");
  }
  ROOKERY_ASSIGN_OR_RETURN(std::vector<ModelTable> tables,
                           MakeTables(spec, {{.name = "default", .zero_columns = 1}}));
  // The interaction of two features is their dot product.
  options.tables = {{.table = std::move(tables[0]), .first_order = true, .interaction = true}};
  return MakeSumModel(options);
}

}  // namespace rookery
