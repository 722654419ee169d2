#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/models/testing/model_cases.h"

namespace rookery {
namespace {

std::unique_ptr<Model> Make(const ModelSpec& spec) {
  StatusOr<std::unique_ptr<Model>> made = MakeModel(spec);
  EXPECT_TRUE(made.ok()) << made.status().ToString();
  return made.ok() ? std::move(made).value() : nullptr;
}

template <class Change>
std::string Refusal(const std::string& model, const Change& change) {
  ModelSpec spec = SmallSpec(model);
  change(spec);
  const StatusOr<std::unique_ptr<Model>> made = MakeModel(spec);
  if (made.ok()) return "made";
  EXPECT_EQ(made.status().code(), Code::kInvalidInput);
  return made.status().message();
}

TEST(ModelRegistry, Tables) {
  struct Expected {
    std::string model;
    std::vector<ModelTable> tables;
  };
  const std::vector<Expected> all = {
      {"lr", {{"default", 1, 1, {0, 1, 2}}}},
      {"fm", {{"default", 4, 1, {0, 1, 2}}}},
      {"mf", {{"default", 4, 1, {0, 1}}}},
      {"mlp", {{"default", 3, 0, {0, 1, 2}}}},
      {"wide_deep", {{"default", 3, 0, {0, 1}}, {"wide", 1, 1, {0, 2}}}},
      {"deepfm", {{"default", 4, 1, {0, 1, 2}}}},
      {"dcn", {{"default", 3, 0, {0, 1, 2}}}},
      {"dcnv2", {{"default", 3, 0, {0, 1, 2}}}},
      {"ffm", {{"default", 10, 1, {0, 1, 2}}}},
      {"nfm", {{"default", 4, 1, {0, 1, 2}}}},
      {"xdeepfm", {{"default", 4, 1, {0, 1, 2}}}},
      {"autoint", {{"default", 3, 0, {0, 1, 2}}}},
      {"fibinet", {{"default", 4, 1, {0, 1, 2}}}},
      {"final_mlp", {{"default", 3, 0, {0, 1, 2}}}},
      {"neumf", {{"default", 3, 0, {0, 1}}, {"mlp", 3, 0, {0, 1, 2}}}},
      {"autorec", {{"default", 3, 0, {0, 2}}, {"output", 4, 1, {1}}}},
      {"dbn", {{"default", 7, 1, {0, 1, 2}}}},
      {"bpr_mf", {{"default", 4, 1, {0, 1, 2}}}},
      {"popularity", {{"default", 1, 1, {0, 1, 2}}}},
      {"sasrec", {{"default", 4, 0, {}, {1, 2, 3}}}},
  };
  for (const Expected& expected : all) {
    const auto model = Make(SmallSpec(expected.model));
    ASSERT_EQ(model->tables().size(), expected.tables.size()) << expected.model;
    for (std::size_t t = 0; t < expected.tables.size(); ++t) {
      EXPECT_EQ(model->tables()[t].name, expected.tables[t].name) << expected.model;
      EXPECT_EQ(model->tables()[t].dim, expected.tables[t].dim) << expected.model;
      EXPECT_EQ(model->tables()[t].zero_columns, expected.tables[t].zero_columns);
      EXPECT_EQ(model->tables()[t].features, expected.tables[t].features) << expected.model;
    }
  }
}

TEST(ModelRegistry, NamesAreListedOnAMiss) {
  EXPECT_EQ(Refusal("deepfm", [](ModelSpec& s) { s.name = "deepfn"; }),
            "unknown model 'deepfn'; known: lr, fm, mf, mlp, wide_deep, deepfm, dlrm, dcn, dcnv2, "
            "ffm, nfm, xdeepfm, autoint, fibinet, final_mlp, neumf, autorec, din, dien, bpr_mf, "
            "popularity, gru4rec, caser, sasrec, bert4rec, mult_vae, shared_bottom, mmoe, ple, "
            "esmm, two_tower, "
            "dbn");
  EXPECT_EQ(Refusal("lr", [](ModelSpec& s) { s.activation = "swish"; }),
            "unknown activation 'swish'; known: relu, sigmoid, tanh, gelu, silu, prelu, dice");
  EXPECT_EQ(Refusal("fm", [](ModelSpec& s) { s.norm = "group"; }),
            "unknown norm 'group'; known: none, batch, layer");
  EXPECT_EQ(Refusal("mlp", [](ModelSpec& s) { s.loss = "rank"; }),
            "unknown loss 'rank'; known: bce, squared, smooth_l1, focal, hinge");
}

TEST(ModelRegistry, RefusesWhatDoesNotFitAndSaysWhatWould) {
  EXPECT_EQ(Refusal("deepfm", [](ModelSpec& s) { s.features[1].tables = {"wide"}; }),
            "feature 'b' names the table 'wide', which model 'deepfm' does not have; its tables: "
            "default");
  EXPECT_EQ(Refusal("lr", [](ModelSpec& s) { s.table_dims["user"] = 4; }),
            "a dim is given for the table 'user', which model 'lr' does not have; its tables: "
            "default");
  EXPECT_EQ(Refusal("wide_deep", [](ModelSpec& s) { s.table_dims["wide"] = 4; }),
            "table 'wide' of model 'wide_deep' has dim 1, not 4; leave its dim out");
  EXPECT_EQ(Refusal("fm", [](ModelSpec& s) { s.dim = 0; }),
            "table 'default' has dim 0; 1 to 4095 is possible in model 'fm'");
  EXPECT_NE(Refusal("fm", [](ModelSpec& s) { s.dim = 4096; }), "made");
  EXPECT_NE(Refusal("wide_deep",
                    [](ModelSpec& s) {
                      s.features.resize(2);
                      s.features[0].tables = {"default"};
                    })
                .find("table 'wide' of model 'wide_deep' is read by no feature"),
            std::string::npos);
  EXPECT_NE(Refusal("deepfm", [](ModelSpec& s) { s.features.clear(); }).find("read by no feature"),
            std::string::npos);
  EXPECT_NE(Refusal("fm", [](ModelSpec& s) { s.features.resize(1); }).find("the data has one ('a'"),
            std::string::npos);
  EXPECT_NE(Refusal("mf", [](ModelSpec& s) { s.features.resize(1); }).find("exactly two features"),
            std::string::npos);
  EXPECT_NE(Refusal("mf", [](ModelSpec& s) { s.numeric = 3; }).find("3 numeric inputs"),
            std::string::npos);
  for (const char* name : {"lr", "mlp", "dbn"}) {
    EXPECT_NE(Refusal(name,
                      [](ModelSpec& s) {
                        s.features.clear();
                        s.numeric = 0;
                      })
                  .find("has no input; declare"),
              std::string::npos);
  }
  EXPECT_NE(Refusal("mlp", [](ModelSpec& s) { s.hidden.clear(); }).find("0 hidden layers"),
            std::string::npos);
  EXPECT_NE(Refusal("mlp",
                    [](ModelSpec& s) {
                      s.hidden = {4, 0};
                    })
                .find("of width 0"),
            std::string::npos);
  EXPECT_NE(Refusal("mlp",
                    [](ModelSpec& s) {
                      s.hidden = {65536, 65536};
                    })
                .find("weights; at most"),
            std::string::npos);
  for (const float wrong : {1.0F, -0.1F, std::numeric_limits<float>::quiet_NaN()}) {
    EXPECT_NE(Refusal("mlp", [&](ModelSpec& s) { s.dropout = wrong; }).find("in [0, 1)"),
              std::string::npos);
  }
  EXPECT_NE(Refusal("lr", [](ModelSpec& s) { s.label_mean = INFINITY; }).find("mean of the labels"),
            std::string::npos);
}

TEST(InitialDense, IsAPureFunctionOfNamesAndSeed) {
  const auto model = Make(SmallSpec("deepfm"));
  const auto& blocks = model->dense_blocks();
  const std::vector<float> dense = InitialDense(blocks, 5);
  EXPECT_EQ(InitialDense(blocks, 5), dense);
  EXPECT_NE(InitialDense(blocks, 6), dense);
  // A block keeps its values when others come and go.
  for (const DenseBlockSpec& block : blocks) {
    DenseBlockSpec alone = block;
    alone.offset = 0;
    const std::vector<float> values = InitialDense(std::span(&alone, 1), 5);
    EXPECT_TRUE(std::equal(values.begin(), values.end(),
                           dense.begin() + static_cast<std::ptrdiff_t>(block.offset)))
        << block.name;
  }
}

TEST(InitialDense, StartsWhereItShould) {
  ModelSpec spec = SmallSpec("mlp");
  spec.hidden = {40};
  spec.norm = "batch";
  const auto model = Make(spec);
  const std::vector<float> dense = InitialDense(model->dense_blocks(), 5);
  for (const DenseBlockSpec& block : model->dense_blocks()) {
    const std::span<const float> values = std::span(dense).subspan(block.offset, block.size());
    if (block.name == "bias") {
      EXPECT_NEAR(values[0], std::log(0.3 / 0.7), 1e-6);
    }
    if (block.name == "tower.0.variance") {
      EXPECT_EQ(values[7], 1);
    }
    if (block.name == "tower.0.mean") {
      EXPECT_EQ(values[7], 0);
    }
    if (block.name != "tower.0.weight") continue;
    EXPECT_EQ(block.rows, 3U * 3 + 2);
    EXPECT_EQ(block.columns, 40U);
    // Uniform in +-sqrt(6 / (rows + columns)): the bound is kept and nearly reached.
    const float bound = std::sqrt(6.0F / (11 + 40));
    float largest = 0;
    for (const float value : values) largest = std::max(largest, std::abs(value));
    EXPECT_LE(largest, bound);
    EXPECT_GT(largest, 0.95F * bound);
  }
}

}  // namespace
}  // namespace rookery
