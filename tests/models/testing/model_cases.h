// ModelCases: one ModelSpec for each model and for each option that changes its mathematics.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "common/error.h"
#include "models/losses/loss.h"
#include "models/model.h"

namespace rookery {

struct ModelCase {
  std::string title;
  ModelSpec spec;
};
inline void PrintTo(const ModelCase& test, std::ostream* out) {
  *out << test.title;
}

inline ModelSpec SmallSpec(const std::string& name) {
  ModelSpec spec;
  spec.name = name;
  spec.dim = 3;
  spec.hidden = {6, 5};
  spec.bottom = {4};
  spec.activation = "tanh";
  spec.features = {{"a", {}}, {"b", {}}, {"c", {}}};
  spec.numeric = 2;
  spec.label_mean = 0.3F;
  if (name == "mf") {
    spec.features.resize(2);
    spec.numeric = 0;
    spec.loss = "squared";
  }
  spec.cin = {4, 3};
  spec.attention_layers = 2;
  spec.attention_width = 4;
  if (name == "bpr_mf" || name == "two_tower") spec.numeric = 0;
  if (name == "din" || name == "dien") {
    spec.features.push_back({"history", {}, true});
    spec.features.push_back({"seen", {}, true});
    spec.target = "b";
    spec.attention_hidden = {4};
  }
  if (LearnsNextItem(name)) {
    spec.features = {
        {"user", {}}, {"item", {}, true}, {"negative", {}, true}, {"history", {}, true}};
    spec.numeric = 0;
    spec.hidden = {4};
    spec.dim = 4;
    spec.feed_forward = 5;
    spec.max_length = 2;
    spec.window = 3;
    spec.horizontal_filters = 2;
    spec.vertical_filters = 2;
    spec.latent = 3;
    spec.kl_percent = 50;
  }
  if (name == "autorec") {
    spec.target = "b";
    spec.numeric = 0;
    spec.loss = "squared";
  }
  if (name == "shared_bottom" || name == "mmoe" || name == "ple" || name == "esmm") {
    spec.labels = {{"click", 0.3F, 1}, {"conversion", 0.2F, 0.5F}};
    spec.task_hidden = {4};
    spec.experts = 2;
    spec.task_experts = 1;
  }
  if (name == "neumf") spec.features[2].tables = {"mlp"};
  if (name == "wide_deep") spec.features[2].tables = {"wide"};
  if (name == "wide_deep") spec.features[1].tables = {"default"};
  return spec;
}

using ModelChange = std::function<void(ModelSpec&)>;
inline ModelCase ChangedCase(const std::string& title, const std::string& model,
                             const ModelChange& change) {
  ModelSpec spec = SmallSpec(model);
  change(spec);
  return {title, spec};
}

inline std::vector<ModelCase> ClickCases() {
  std::vector<ModelCase> cases;
  const auto add = [&](const std::string& title, const std::string& model,
                       const ModelChange& change) {
    cases.push_back(ChangedCase(title, model, change));
  };
  add("lr_numeric_only", "lr", [](ModelSpec& spec) { spec.features.clear(); });
  add("lr_no_numeric", "lr", [](ModelSpec& spec) { spec.numeric = 0; });
  add("mlp_no_numeric", "mlp", [](ModelSpec& spec) { spec.numeric = 0; });
  add("mlp_numeric_only", "mlp", [](ModelSpec& spec) { spec.features.clear(); });
  add("wide_deep_no_numeric", "wide_deep", [](ModelSpec& spec) { spec.numeric = 0; });
  add("deepfm_no_numeric", "deepfm", [](ModelSpec& spec) { spec.numeric = 0; });
  add("deepfm_relu", "deepfm", [](ModelSpec& spec) { spec.activation = "relu"; });
  add("deepfm_sigmoid", "deepfm", [](ModelSpec& spec) { spec.activation = "sigmoid"; });
  add("deepfm_batch", "deepfm", [](ModelSpec& spec) { spec.norm = "batch"; });
  add("deepfm_layer", "deepfm", [](ModelSpec& spec) { spec.norm = "layer"; });
  add("deepfm_dropout", "deepfm", [](ModelSpec& spec) { spec.dropout = 0.25F; });
  add("deepfm_smooth_l1", "deepfm", [](ModelSpec& spec) { spec.loss = "smooth_l1"; });
  add("deepfm_focal", "deepfm", [](ModelSpec& spec) { spec.loss = "focal"; });
  add("mlp_hinge", "mlp", [](ModelSpec& spec) { spec.loss = "hinge"; });
  add("mlp_squared", "mlp", [](ModelSpec& spec) { spec.loss = "squared"; });
  add("dcn_stacked", "dcn", [](ModelSpec& spec) { spec.structure = "stacked"; });
  add("dcnv2_low_rank", "dcnv2", [](ModelSpec& spec) { spec.cross_rank = 2; });
  add("dcnv2_no_numeric", "dcnv2", [](ModelSpec& spec) { spec.numeric = 0; });
  add("dcnv2_dropout", "dcnv2", [](ModelSpec& spec) { spec.dropout = 0.25F; });
  add("xdeepfm_one_level", "xdeepfm", [](ModelSpec& spec) { spec.cin = {2}; });
  add("autoint_no_tower", "autoint", [](ModelSpec& spec) {
    spec.hidden.clear();
    spec.numeric = 0;
  });
  add("fibinet_each", "fibinet", [](ModelSpec& spec) { spec.bilinear = "each"; });
  add("final_mlp_heads", "final_mlp", [](ModelSpec& spec) {
    spec.hidden = {5, 4};
    spec.second_hidden = {6};
    spec.fusion_heads = 2;
  });
  add("autorec_dropout", "autorec", [](ModelSpec& spec) { spec.dropout = 0.25F; });
  add("final_mlp_gates", "final_mlp", [](ModelSpec& spec) {
    spec.first_gate = "a";
    spec.second_gate = "c";
    spec.gate_hidden = {4};
  });
  add("final_mlp_batch", "final_mlp", [](ModelSpec& spec) {
    spec.hidden = {5};
    spec.norm = "batch";
  });
  add("final_mlp_dropout", "final_mlp", [](ModelSpec& spec) { spec.dropout = 0.25F; });
  add("dbn_no_numeric", "dbn", [](ModelSpec& spec) { spec.numeric = 0; });
  add("dbn_numeric_only", "dbn", [](ModelSpec& spec) { spec.features.clear(); });
  add("dbn_dropout", "dbn", [](ModelSpec& spec) { spec.dropout = 0.25F; });
  add("ffm_no_numeric", "ffm", [](ModelSpec& spec) { spec.numeric = 0; });
  add("dlrm_relu", "dlrm", [](ModelSpec& spec) { spec.activation = "relu"; });
  add("dlrm_layer", "dlrm", [](ModelSpec& spec) { spec.norm = "layer"; });
  add("dlrm_dropout", "dlrm", [](ModelSpec& spec) { spec.dropout = 0.25F; });
  add("dlrm_linear_bottom", "dlrm", [](ModelSpec& spec) { spec.bottom.clear(); });
  return cases;
}

inline std::vector<ModelCase> SequenceAndLabelCases() {
  std::vector<ModelCase> cases;
  const auto add = [&](const std::string& title, const std::string& model,
                       const ModelChange& change) {
    cases.push_back(ChangedCase(title, model, change));
  };
  add("gru4rec_lstm", "gru4rec", [](ModelSpec& spec) {
    spec.cell = "lstm";
    spec.hidden = {3, 2};
  });
  add("dien_both_ways", "dien", [](ModelSpec& spec) {
    spec.cell = "lstm";
    spec.direction = "both";
  });
  add("gru4rec_own_rows", "gru4rec", [](ModelSpec& spec) { spec.item_rows = "own"; });
  add("gru4rec_bpr", "gru4rec", [](ModelSpec& spec) { spec.item_loss = "bpr"; });
  add("sasrec_softmax", "sasrec", [](ModelSpec& spec) { spec.item_loss = "softmax"; });
  for (const char* model : {"gru4rec", "bert4rec", "mult_vae"}) {
    add(StrCat(model, "_full_softmax"), model,
        [](ModelSpec& spec) { spec.item_loss = "full_softmax"; });
  }
  add("sasrec_dropout", "sasrec", [](ModelSpec& spec) { spec.dropout = 0.25F; });
  add("bert4rec_half", "bert4rec", [](ModelSpec& spec) {
    spec.masked_percent = 50;
    spec.dropout = 0.25F;
  });
  add("mult_vae_dropout", "mult_vae", [](ModelSpec& spec) {
    spec.hidden = {5, 4};
    spec.dropout = 0.25F;
  });
  add("caser_horizontal", "caser", [](ModelSpec& spec) { spec.vertical_filters = 0; });
  add("caser_dropout", "caser", [](ModelSpec& spec) { spec.dropout = 0.25F; });
  add("shared_bottom_dropout", "shared_bottom", [](ModelSpec& spec) { spec.dropout = 0.25F; });
  add("shared_bottom_one_label", "shared_bottom", [](ModelSpec& spec) { spec.labels.clear(); });
  add("two_tower_rows", "two_tower", [](ModelSpec& spec) { spec.hidden.clear(); });
  add("two_tower_dropout", "two_tower", [](ModelSpec& spec) { spec.dropout = 0.25F; });
  add("mmoe_squared", "mmoe", [](ModelSpec& spec) { spec.loss = "squared"; });
  add("mmoe_batch", "mmoe", [](ModelSpec& spec) { spec.norm = "batch"; });
  add("ple_two_levels", "ple", [](ModelSpec& spec) {
    spec.levels = 2;
    spec.task_experts = 2;
  });
  add("fm_dim_16", "fm", [](ModelSpec& spec) { spec.table_dims["default"] = 16; });
  return cases;
}

// Every model as it is, then with what changes its mathematics.
inline std::vector<ModelCase> ModelCases() {
  std::vector<ModelCase> cases;
  for (const std::string& name : ModelNames()) cases.push_back({name, SmallSpec(name)});
  std::ranges::move(ClickCases(), std::back_inserter(cases));
  std::ranges::move(SequenceAndLabelCases(), std::back_inserter(cases));
  return cases;
}

inline std::string TitleOf(const testing::TestParamInfo<ModelCase>& info) {
  return info.param.title;
}

}  // namespace rookery
