#include <algorithm>
#include <iterator>

#include "models/model_options.h"

namespace rookery {
namespace {

constexpr std::uint32_t kWidthMax = 1U << 16U;
constexpr std::uint32_t kLayersMax = 64;
constexpr std::uint32_t kWindowMax = 64;

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

}  // namespace

std::vector<ModelOption> SequenceModelOptions(ModelSpec* spec) {
  std::vector<ModelOption> options = TargetOptions(spec);
  std::ranges::move(RecurrentOptions(spec), std::back_inserter(options));
  std::ranges::move(NextItemOptions(spec), std::back_inserter(options));
  std::ranges::move(HiddenItemOptions(spec), std::back_inserter(options));
  return options;
}

}  // namespace rookery
