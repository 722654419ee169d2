#include "models/model_options.h"

#include <algorithm>
#include <iterator>

namespace rookery {
namespace {

constexpr std::uint32_t kWidthMax = 1U << 16U;
constexpr std::uint32_t kLayersMax = 64;
constexpr std::uint32_t kStepsMax = 1U << 30U;

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
       .models = {"autoint", "sasrec", "bert4rec"},
       .field = &spec->attention_layers,
       .low = 1,
       .high = kLayersMax,
       .unit = "layers",
       .meaning = "depth of the self-attention"},
      {.name = "attention_heads",
       .models = {"autoint", "sasrec", "bert4rec"},
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
  };
}

std::vector<ModelOption> FinalMlpOptions(ModelSpec* spec) {
  return {
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
      {.name = "first_gate",
       .models = {"final_mlp"},
       .field = &spec->first_gate,
       .meaning = "name of the feature that says how much of each input the first tower gets; "
                  "empty: all of it"},
      {.name = "second_gate",
       .models = {"final_mlp"},
       .field = &spec->second_gate,
       .meaning = "the same of the second tower"},
      {.name = "gate_hidden",
       .models = {"final_mlp"},
       .field = &spec->gate_hidden,
       .low = 1,
       .high = kWidthMax,
       .unit = "units",
       .meaning = "widths of a gate's hidden layers"},
  };
}

std::vector<ModelOption> PretrainingOptions(ModelSpec* spec) {
  return {
      {.name = "pretrain_steps",
       .models = {"dbn"},
       .field = &spec->pretrain_steps,
       .low = 0,
       .high = kStepsMax,
       .unit = "steps",
       .meaning = "that each hidden layer, one after the other, learns without labels before all "
                  "learn with them; 0: none"},
      {.name = "pretrain_percent",
       .models = {"dbn"},
       .field = &spec->pretrain_percent,
       .low = 1,
       .high = 100,
       .unit = "percent",
       .meaning = "of the gradients of these steps that updaters get: they are large beside those "
                  "of labels"},
  };
}

std::vector<ModelOption> MultiTaskOptions(ModelSpec* spec) {
  return {
      {.name = "task_hidden",
       .models = {"shared_bottom", "mmoe", "ple"},
       .field = &spec->task_hidden,
       .low = 1,
       .high = kWidthMax,
       .unit = "units",
       .meaning = "widths of the hidden layers of each label's own tower"},
      {.name = "experts",
       .models = {"mmoe", "ple"},
       .field = &spec->experts,
       .low = 1,
       .high = kLayersMax,
       .unit = "experts",
       .meaning = "towers that all labels share"},
      {.name = "task_experts",
       .models = {"ple"},
       .field = &spec->task_experts,
       .low = 1,
       .high = kLayersMax,
       .unit = "experts",
       .meaning = "towers that one label alone has"},
      {.name = "levels",
       .models = {"ple"},
       .field = &spec->levels,
       .low = 1,
       .high = kLayersMax,
       .unit = "levels",
       .meaning = "of experts, each reading what the gates of the one before share out"},
  };
}

}  // namespace

std::vector<ModelOption> ModelOptionsOf(ModelSpec* spec) {
  std::vector<ModelOption> options = CrossOptions(spec);
  std::ranges::move(InteractionOptions(spec), std::back_inserter(options));
  std::ranges::move(FinalMlpOptions(spec), std::back_inserter(options));
  std::ranges::move(SequenceModelOptions(spec), std::back_inserter(options));
  std::ranges::move(PretrainingOptions(spec), std::back_inserter(options));
  std::ranges::move(MultiTaskOptions(spec), std::back_inserter(options));
  return options;
}

bool UsesOption(std::string_view model, const ModelOption& option) {
  return std::ranges::find(option.models, model) != option.models.end();
}

}  // namespace rookery
