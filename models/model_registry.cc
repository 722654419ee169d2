#include <algorithm>
#include <array>
#include <string_view>

#include "models/layers/activation.h"
#include "models/layers/norm.h"
#include "models/model.h"
#include "models/zoo/autoint.h"
#include "models/zoo/autorec.h"
#include "models/zoo/bert4rec.h"
#include "models/zoo/bpr_mf.h"
#include "models/zoo/caser.h"
#include "models/zoo/dbn.h"
#include "models/zoo/dcn.h"
#include "models/zoo/deep_fm.h"
#include "models/zoo/din.h"
#include "models/zoo/dlrm.h"
#include "models/zoo/factorization_machine.h"
#include "models/zoo/ffm.h"
#include "models/zoo/fibinet.h"
#include "models/zoo/final_mlp.h"
#include "models/zoo/gru4rec.h"
#include "models/zoo/logistic_regression.h"
#include "models/zoo/matrix_factorization.h"
#include "models/zoo/mlp.h"
#include "models/zoo/mult_vae.h"
#include "models/zoo/multi_task.h"
#include "models/zoo/neu_mf.h"
#include "models/zoo/nfm.h"
#include "models/zoo/popularity.h"
#include "models/zoo/sasrec.h"
#include "models/zoo/two_tower.h"
#include "models/zoo/wide_deep.h"
#include "models/zoo/xdeepfm.h"

namespace rookery {
namespace {

struct ModelEntry {
  std::string_view name;
  StatusOr<std::unique_ptr<Model>> (*make)(const ModelSpec&);
  bool next_item = false;
  bool several_labels = false;
  bool item_counts = false;
};

constexpr std::array kModels = {
    ModelEntry{"lr", MakeLogisticRegression},
    ModelEntry{"fm", MakeFactorizationMachine},
    ModelEntry{"mf", MakeMatrixFactorization},
    ModelEntry{"mlp", MakeMlp},
    ModelEntry{"wide_deep", MakeWideDeep},
    ModelEntry{"deepfm", MakeDeepFm},
    ModelEntry{"dlrm", MakeDlrm},
    ModelEntry{"dcn", MakeDcn},
    ModelEntry{"dcnv2", MakeDcnV2},
    ModelEntry{"ffm", MakeFfm},
    ModelEntry{"nfm", MakeNfm},
    ModelEntry{"xdeepfm", MakeXDeepFm},
    ModelEntry{"autoint", MakeAutoInt},
    ModelEntry{"fibinet", MakeFibiNet},
    ModelEntry{"final_mlp", MakeFinalMlp},
    ModelEntry{"neumf", MakeNeuMf},
    ModelEntry{"autorec", MakeAutoRec},
    ModelEntry{"din", MakeDin},
    ModelEntry{"dien", MakeDien},
    ModelEntry{"bpr_mf", MakeBprMf},
    ModelEntry{"popularity", MakePopularity},
    ModelEntry{.name = "gru4rec", .make = MakeGru4Rec, .next_item = true},
    ModelEntry{.name = "caser", .make = MakeCaser, .next_item = true},
    ModelEntry{.name = "sasrec", .make = MakeSasRec, .next_item = true},
    ModelEntry{.name = "bert4rec", .make = MakeBert4Rec, .next_item = true},
    ModelEntry{.name = "mult_vae", .make = MakeMultVae, .next_item = true},
    ModelEntry{.name = "shared_bottom", .make = MakeSharedBottom, .several_labels = true},
    ModelEntry{.name = "mmoe", .make = MakeMmoe, .several_labels = true},
    ModelEntry{.name = "ple", .make = MakePle, .several_labels = true},
    ModelEntry{.name = "esmm", .make = MakeEsmm, .several_labels = true},
    ModelEntry{.name = "two_tower", .make = MakeTwoTower, .item_counts = true},
    ModelEntry{"dbn", MakeDbn},
};

Status CheckLabels(const ModelEntry& model, const ModelSpec& spec) {
  if (spec.labels.size() < 2 || model.several_labels) return OkStatus();
  std::string names;
  for (const LabelShape& label : spec.labels) names += (names.empty() ? "" : ", ") + label.name;
  std::string able;
  for (const ModelEntry& entry : kModels) {
    if (entry.several_labels) able += StrCat(able.empty() ? "" : ", ", entry.name);
  }
  return InvalidInput("model '", spec.name, "' learns one label; the data have ", names,
                      ": give the others type = \"ignore\", or choose one of ", able);
}

}  // namespace

StatusOr<std::unique_ptr<Model>> MakeModel(const ModelSpec& spec) {
  // Also for models that do not use them: a job switches models by one line.
  ROOKERY_RETURN_IF_ERROR(ParseActivation(spec.activation).status());
  ROOKERY_RETURN_IF_ERROR(ParseNorm(spec.norm).status());
  std::string known;
  for (const ModelEntry& entry : kModels) {
    if (entry.name == spec.name) {
      ROOKERY_RETURN_IF_ERROR(CheckLabels(entry, spec));
      return entry.make(spec);
    }
    known += known.empty() ? "" : ", ";
    known += entry.name;
  }
  return InvalidInput("unknown model '", spec.name, "'; known: ", known);
}

bool LearnsNextItem(std::string_view model) {
  return std::ranges::any_of(
      kModels, [&](const ModelEntry& entry) { return entry.next_item && entry.name == model; });
}

bool WantsItemCounts(std::string_view model) {
  return std::ranges::any_of(
      kModels, [&](const ModelEntry& entry) { return entry.item_counts && entry.name == model; });
}

bool LearnsFromCatalog(const ModelSpec& spec) {
  return LearnsNextItem(spec.name) && spec.item_loss == "full_softmax";
}

std::vector<std::string> ModelNames() {
  std::vector<std::string> names;
  for (const ModelEntry& entry : kModels) names.emplace_back(entry.name);
  return names;
}

}  // namespace rookery
