#include "models/model_options.h"

#include <algorithm>
#include <iterator>

namespace rookery {
namespace {

constexpr std::uint32_t kWidthMax = 1U << 16U;
constexpr std::uint32_t kLayersMax = 64;
constexpr std::uint32_t kWindowMax = 64;
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

std::vector<ModelOption> TargetOptions(ModelSpec* spec) {
  return {
      {.name = "target",
       .models = {"din", "dien", "autorec"},
       .field = &spec->target,
       .meaning = "name of the feature that the elements of sequences are compared with; autorec: "
                  "whose rating is asked for"},
      {.name = "attention_hidden",
       .models = {"din", "dien"},
       .field = &spec->attention_hidden,
       .low = 1,
       .high = kWidthMax,
       .unit = "units",
       .meaning = "widths of the hidden layers of the tower that weighs an element"},
  };
}

std::vector<ModelOption> RecurrentOptions(ModelSpec* spec) {
  return {
      {.name = "cell",
       .models = {"gru4rec", "dien"},
       .field = &spec->cell,
       .choices = {"gru", "lstm"},
       .meaning = "of the recurrent network; gru4rec: whose units model.hidden gives"},
      {.name = "direction",
       .models = {"dien"},
       .field = &spec->direction,
       .choices = {"forward", "both"},
       .meaning = "both: a second recurrent network reads each list from its end"},
  };
}

std::vector<ModelOption> NextItemOptions(ModelSpec* spec) {
  const std::vector<std::string> all = {"gru4rec", "caser", "sasrec", "bert4rec", "mult_vae"};
  return {
      {.name = "item_loss",
       .models = all,
       .field = &spec->item_loss,
       .choices = {"bce", "bpr", "softmax", "full_softmax"},
       .meaning = "how an item is told from its negatives: each by itself, in pairs, or all at "
                  "once; full_softmax: from all items of the training files"},
      {.name = "item_rows",
       .models = all,
       .field = &spec->item_rows,
       .choices = {"shared", "own"},
       .meaning = "own: an item that is scored has another row than one in a history, in table "
                  "\"output\""},
      {.name = "feed_forward",
       .models = {"sasrec", "bert4rec"},
       .field = &spec->feed_forward,
       .low = 0,
       .high = kWidthMax,
       .unit = "units",
       .meaning = "hidden units of the network behind each attention; 0: four times the dim"},
      {.name = "window",
       .models = {"caser"},
       .field = &spec->window,
       .low = 1,
       .high = kWindowMax,
       .unit = "items",
       .meaning = "the last items of a history that are looked at"},
      {.name = "horizontal_filters",
       .models = {"caser"},
       .field = &spec->horizontal_filters,
       .low = 0,
       .high = kWidthMax,
       .unit = "filters",
       .meaning = "of each height from 1 to window"},
      {.name = "vertical_filters",
       .models = {"caser"},
       .field = &spec->vertical_filters,
       .low = 0,
       .high = kWidthMax,
       .unit = "filters",
       .meaning = "over the columns of the window"},
  };
}

std::vector<ModelOption> HiddenItemOptions(ModelSpec* spec) {
  return {
      {.name = "latent",
       .models = {"mult_vae"},
       .field = &spec->latent,
       .low = 1,
       .high = kWidthMax,
       .unit = "variables",
       .meaning = "that a user's items are told from"},
      {.name = "kl_percent",
       .models = {"mult_vae"},
       .field = &spec->kl_percent,
       .low = 0,
       .high = 1000,
       .unit = "percent",
       .meaning =
           "of the latent variables' divergence from a normal distribution that the loss has"},
      {.name = "masked_percent",
       .models = {"bert4rec"},
       .field = &spec->masked_percent,
       .low = 0,
       .high = 90,
       .unit = "percent",
       .meaning = "of a history's elements, hidden in training beside the last"},
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
  std::ranges::move(TargetOptions(spec), std::back_inserter(options));
  std::ranges::move(RecurrentOptions(spec), std::back_inserter(options));
  std::ranges::move(NextItemOptions(spec), std::back_inserter(options));
  std::ranges::move(HiddenItemOptions(spec), std::back_inserter(options));
  std::ranges::move(PretrainingOptions(spec), std::back_inserter(options));
  std::ranges::move(MultiTaskOptions(spec), std::back_inserter(options));
  return options;
}

bool UsesOption(std::string_view model, const ModelOption& option) {
  return std::ranges::find(option.models, model) != option.models.end();
}

}  // namespace rookery
