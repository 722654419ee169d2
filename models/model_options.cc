#include "models/model_options.h"

#include <algorithm>

namespace rookery {
namespace {

constexpr std::uint32_t kWidthMax = 1U << 16U;
constexpr std::uint32_t kLayersMax = 64;

}  // namespace

std::vector<ModelOption> ModelOptionsOf(ModelSpec* spec) {
  return {
      {.name = "bottom",
       .models = {"dlrm"},
       .field = &spec->bottom,
       .low = 1,
       .high = kWidthMax,
       .unit = "units",
       .meaning = "widths of the hidden layers of the tower over the numeric inputs"},
      {.name = "cross_layers",
       .models = {"dcn", "dcnv2"},
       .field = &spec->cross_layers,
       .low = 1,
       .high = kLayersMax,
       .unit = "layers",
       .meaning = "depth of the cross network"},
      {.name = "cross_rank",
       .models = {"dcnv2"},
       .field = &spec->cross_rank,
       .low = 0,
       .high = kWidthMax,
       .unit = "columns",
       .meaning = "each cross matrix is a product of two of so many columns; 0: it is full"},
      {.name = "structure",
       .models = {"dcn", "dcnv2"},
       .field = &spec->structure,
       .choices = {"parallel", "stacked"},
       .meaning = "parallel: the tower reads what the cross network reads, and their outputs are "
                  "added; stacked: it reads what the cross network makes"},
  };
}

bool UsesOption(std::string_view model, const ModelOption& option) {
  return std::ranges::find(option.models, model) != option.models.end();
}

}  // namespace rookery
