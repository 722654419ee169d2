#include "models/model_options.h"

#include <algorithm>
#include <iterator>

namespace rookery {
namespace {

constexpr std::uint32_t kWidthMax = 1U << 16U;
constexpr std::uint32_t kLayersMax = 64;

std::vector<ModelOption> CrossOptions(ModelSpec* spec) {
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

std::vector<ModelOption> InteractionOptions(ModelSpec* spec) {
  return {
      {.name = "cin",
       .models = {"xdeepfm"},
       .field = &spec->cin,
       .low = 1,
       .high = kWidthMax,
       .unit = "maps",
       .meaning = "interaction maps of each level"},
      {.name = "attention_layers",
       .models = {"autoint"},
       .field = &spec->attention_layers,
       .low = 1,
       .high = kLayersMax,
       .unit = "layers",
       .meaning = "depth of the self-attention"},
      {.name = "attention_heads",
       .models = {"autoint"},
       .field = &spec->attention_heads,
       .low = 1,
       .high = kWidthMax,
       .unit = "heads",
       .meaning = "equal parts that the vectors are compared in"},
      {.name = "attention_width",
       .models = {"autoint"},
       .field = &spec->attention_width,
       .low = 1,
       .high = kWidthMax,
       .unit = "columns",
       .meaning = "of a feature's vector after each layer, of all heads together"},
      {.name = "bilinear",
       .models = {"fibinet"},
       .field = &spec->bilinear,
       .choices = {"all", "each"},
       .meaning = "all: one matrix for all pairs; each: one for each first feature of a pair"},
      {.name = "senet_reduction",
       .models = {"fibinet"},
       .field = &spec->senet_reduction,
       .low = 1,
       .high = kWidthMax,
       .unit = "",
       .meaning = "the network that weighs features is narrower than them by this factor"},
      {.name = "second_hidden",
       .models = {"final_mlp"},
       .field = &spec->second_hidden,
       .low = 1,
       .high = kWidthMax,
       .unit = "units",
       .meaning = "widths of the second tower's hidden layers; empty: those of model.hidden"},
      {.name = "fusion_heads",
       .models = {"final_mlp"},
       .field = &spec->fusion_heads,
       .low = 1,
       .high = kWidthMax,
       .unit = "heads",
       .meaning = "equal parts of both towers' ends, each pair with a matrix of its own"},
      {.name = "target",
       .models = {"din", "dien"},
       .field = &spec->target,
       .meaning = "name of the feature that the elements of sequences are compared with"},
      {.name = "attention_hidden",
       .models = {"din", "dien"},
       .field = &spec->attention_hidden,
       .low = 1,
       .high = kWidthMax,
       .unit = "units",
       .meaning = "widths of the hidden layers of the tower that weighs an element"},
  };
}

}  // namespace

std::vector<ModelOption> ModelOptionsOf(ModelSpec* spec) {
  std::vector<ModelOption> options = CrossOptions(spec);
  std::ranges::move(InteractionOptions(spec), std::back_inserter(options));
  return options;
}

bool UsesOption(std::string_view model, const ModelOption& option) {
  return std::ranges::find(option.models, model) != option.models.end();
}

}  // namespace rookery
