// What does not fit a model is refused before anything is made, with what would be right.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "tests/models/testing/model_cases.h"

namespace rookery {
namespace {

using testing::HasSubstr;

struct Refused {
  std::string model;
  std::function<void(ModelSpec&)> change;
  std::string text;
};

const FeatureShape kList = {"list", {}, true};

std::vector<Refused> OfClickModels() {
  return {
      {"autoint", [](ModelSpec& s) { s.attention_heads = 3; },
       "attention_width = 4 does not divide into 3 heads: choose a multiple of"},
      {"autoint", [](ModelSpec& s) { s.hidden.clear(); }, "takes numeric inputs by a tower only"},
      {"xdeepfm", [](ModelSpec& s) { s.cin.clear(); }, "cin = [100, 100] would"},
      {"ffm", [](ModelSpec& s) { s.dim = 2000; }, "so a dim from 1 to 1365"},
      {"fibinet", [](ModelSpec& s) { s.features.resize(1); }, "is about pairs of features"},
      {"final_mlp", [](ModelSpec& s) { s.fusion_heads = 2; },
       "5 and 5 units wide, do not divide into 2 heads: choose a model.fusion_heads"},
      {"final_mlp", [](ModelSpec& s) { s.first_gate = "user"; },
       "model.first_gate = 'user' of model 'final_mlp' is no feature with one key an example; "
       "known: a, b, c"},
      {"final_mlp",
       [](ModelSpec& s) {
         s.second_gate = "a";
         s.gate_hidden = {0};
       },
       "a hidden layer of width 0"},
      {"neumf", [](ModelSpec& s) { s.features[2].tables.clear(); },
       "multiplies the vectors of two features, and table 'default' is read by 3"},
      {"autorec", [](ModelSpec& s) { s.target = "user"; }, "known: a, b, c"},
      {"autorec", [](ModelSpec& s) { s.numeric = 2; }, "takes no numeric inputs"},
      {"autorec",
       [](ModelSpec& s) {
         s.features = {{"a", {}}};
         s.target = "a";
       },
       "has no input beside its target 'a'"},
      {"autorec", [](ModelSpec& s) { s.table_dims["output"] = 7; },
       "have dims 3 and 7; they are multiplied and must be equal"},
      {"din", [](ModelSpec& s) { s.features.resize(3); },
       "the data has no list with combiner = \"none\""},
      {"din", [](ModelSpec& s) { s.target = "seen"; }, "model.target = 'seen' of model 'din'"},
      {"dien", [](ModelSpec& s) { s.target.clear(); }, "known: a, b, c"},
      {"din", [](ModelSpec& s) { s.attention_hidden = {70000}; }, "of width 70000; 1 to 65536"},
      {"deepfm",
       [](ModelSpec& s) {
         s.labels = {{"click"}, {"buy"}};
       },
       "model 'deepfm' learns one label; the data have click, buy: give the others type = "
       "\"ignore\", or choose one of shared_bottom, mmoe, ple, esmm"},
      {"esmm", [](ModelSpec& s) { s.labels.clear(); }, "wants two labels, such as click"},
      {"esmm", [](ModelSpec& s) { s.loss = "squared"; }, "and model.loss = \"bce\""},
      {"mmoe", [](ModelSpec& s) { s.hidden.clear(); }, "model 'mmoe' has 0 hidden layers; 1 to 64"},
      {"ple", [](ModelSpec& s) { s.task_hidden = {70000}; }, "of width 70000; 1 to 65536"},
      {"dbn", [](ModelSpec& s) { s.hidden.clear(); }, "model 'dbn' has 0 hidden layers; 1 to 64"},
      {"dbn",
       [](ModelSpec& s) {
         s.hidden = {4096, 8};
       },
       "model.hidden begins with 4096; 1 to 4095 is possible"},
      {"dbn", [](ModelSpec& s) { s.table_dims["default"] = 9; },
       "has dim 6, the first width of model.hidden, not 9; leave its dim out"},
      {"dbn", [](ModelSpec& s) { s.features.push_back(kList); }, "reads no sequences"},
      {"dbn", [](ModelSpec& s) { s.dropout = 1; }, "in [0, 1)"},
      {"deepfm", [](ModelSpec& s) { s.features.push_back(kList); },
       "model 'deepfm' reads no sequences; known combiners: sum, mean, sqrtn"},
  };
}

std::vector<Refused> OfRankingModels() {
  std::vector<Refused> refused = {
      {"bpr_mf", [](ModelSpec& s) { s.numeric = 1; }, "use data.format = \"sequence\""},
      {"bpr_mf", [](ModelSpec& s) { s.loss = "squared"; }, "its loss is \"bce\""},
      {"two_tower", [](ModelSpec& s) { s.features.resize(2); }, "use data.format = \"sequence\""},
      {"two_tower", [](ModelSpec& s) { s.dropout = 1; }, "dropout = 1"},
      {"sasrec", [](ModelSpec& s) { s.attention_heads = 3; },
       "model.attention_heads = 3 does not divide the dim of table 'default', 4"},
      {"caser",
       [](ModelSpec& s) {
         s.horizontal_filters = 0;
         s.vertical_filters = 0;
       },
       "has no filter: give model.window, and one of"},
      {"gru4rec", [](ModelSpec& s) { s.hidden.clear(); }, "such as hidden = [64]"},
      {"gru4rec",
       [](ModelSpec& s) {
         s.item_rows = "own";
         s.table_dims["output"] = 7;
       },
       "have dims 4 and 7; they are multiplied and must be equal"},
  };
  for (const char* name : {"gru4rec", "caser", "sasrec", "bert4rec", "mult_vae"}) {
    refused.push_back(
        {name, [](ModelSpec& s) { s.loss = "squared"; }, "model.item_loss is its own"});
    refused.push_back(
        {name, [](ModelSpec& s) { s.item_loss = "hinge"; }, "known: bce, bpr, softmax"});
    refused.push_back({name, [](ModelSpec& s) { s.dropout = 1; }, "in [0, 1)"});
    refused.push_back({name,
                       [](ModelSpec& s) {
                         s.features = {{"user", {}}, {"item", {}}};
                       },
                       "use data.format = \"sequence\", of lines \"user item item ...\""});
  }
  return refused;
}

void ExpectRefused(const Refused& refused) {
  ModelSpec spec = SmallSpec(refused.model);
  ASSERT_TRUE(MakeModel(spec).ok()) << refused.model;
  refused.change(spec);
  const StatusOr<std::unique_ptr<Model>> made = MakeModel(spec);
  ASSERT_FALSE(made.ok()) << refused.model << ": " << refused.text;
  EXPECT_EQ(made.status().code(), Code::kInvalidInput);
  EXPECT_THAT(made.status().message(), HasSubstr(refused.text)) << refused.model;
}

TEST(ModelRefusals, OfClickModels) {
  for (const Refused& refused : OfClickModels()) ExpectRefused(refused);
}

TEST(ModelRefusals, OfRankingModels) {
  for (const Refused& refused : OfRankingModels()) ExpectRefused(refused);
}

}  // namespace
}  // namespace rookery
