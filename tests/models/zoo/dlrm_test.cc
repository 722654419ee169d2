// DLRM against its formula written down in double, and the options that only it has.
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "tests/models/testing/model_cases.h"
#include "tests/models/testing/model_fixture.h"

namespace rookery {
namespace {

using Doubles = std::vector<double>;

constexpr std::uint64_t kSeed = 57;

struct Parameters {
  explicit Parameters(const ModelFixture& fixture) {
    for (const DenseBlockSpec& block : fixture.model->dense_blocks()) {
      const auto* begin = fixture.dense.data() + block.offset;
      values[block.name] = Doubles(begin, begin + block.size());
    }
  }
  // x W + b, W [inputs, outputs].
  [[nodiscard]] Doubles Linear(const Doubles& x, const std::string& weight,
                               const std::string& bias) const {
    Doubles y = values.at(bias);
    const Doubles& w = values.at(weight);
    EXPECT_EQ(w.size(), x.size() * y.size()) << weight;
    for (std::size_t i = 0; i < x.size(); ++i) {
      for (std::size_t j = 0; j < y.size(); ++j) y[j] += x[i] * w[i * y.size() + j];
    }
    return y;
  }
  [[nodiscard]] Doubles Tower(Doubles x, const std::string& name, std::size_t hidden,
                              const std::string& output_bias) const {
    for (std::size_t layer = 0; layer < hidden; ++layer) {
      const std::string base = name + "." + std::to_string(layer);
      x = Linear(x, base + ".weight", base + ".bias");
      for (double& v : x) v = std::max(v, 0.0);
    }
    return Linear(x, name + ".output.weight", output_bias);
  }

  std::map<std::string, Doubles> values;
};

double Reference(const ModelFixture& fixture, const ModelSpec& spec, std::size_t example) {
  const Parameters parameters(fixture);
  const float* numeric = fixture.numeric.data() + example * spec.numeric;
  std::vector<Doubles> vectors = {parameters.Tower(Doubles(numeric, numeric + spec.numeric),
                                                   "bottom", spec.bottom.size(),
                                                   "bottom.output.bias")};
  const std::size_t features = spec.features.size();
  for (std::size_t f = 0; f < features; ++f) {
    const float* e = fixture.embeddings[0].data() + (example * features + f) * spec.dim;
    vectors.emplace_back(e, e + spec.dim);
  }
  Doubles top = vectors[0];
  for (std::size_t i = 1; i < vectors.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      double dot = 0;
      for (std::size_t d = 0; d < spec.dim; ++d) dot += vectors[i][d] * vectors[j][d];
      top.push_back(dot);
    }
  }
  return 1 / (1 + std::exp(-parameters.Tower(top, "top", spec.hidden.size(), "bias")[0]));
}

ModelSpec CriteoSpec() {
  ModelSpec spec = SmallSpec("dlrm");
  spec.dim = 16;
  spec.activation = "relu";
  spec.hidden = {20, 10};
  spec.bottom = ModelSpec().bottom;
  spec.features.clear();
  for (int f = 0; f < 26; ++f) spec.features.push_back({StrCat("c", f), {}});
  spec.numeric = 13;
  return spec;
}

TEST(Dlrm, FollowsTheFormulaInDouble) {
  ModelSpec linear = CriteoSpec();
  linear.bottom = {};
  ModelSpec deep = CriteoSpec();
  deep.bottom = {9, 7};
  for (const ModelSpec& spec : {CriteoSpec(), linear, deep}) {
    ModelFixture fixture(spec, 5, kSeed);
    ASSERT_TRUE(fixture.model);
    const std::vector<float> scores = fixture.Predict();
    (void)fixture.ForwardBackward();
    for (std::size_t b = 0; b < fixture.examples; ++b) {
      const double expected = Reference(fixture, spec, b);
      EXPECT_NEAR(scores[b], expected, 1e-5) << "example " << b << ", seed " << kSeed;
      EXPECT_NEAR(fixture.scores[b], expected, 1e-5) << "example " << b << ", seed " << kSeed;
    }
  }
}

TEST(Dlrm, HasTheShapesOfThePaper) {
  const ModelFixture fixture(CriteoSpec(), 1, kSeed);
  std::map<std::string, std::pair<std::uint32_t, std::uint32_t>> shapes;
  for (const DenseBlockSpec& block : fixture.model->dense_blocks()) {
    shapes[block.name] = {block.rows, block.columns};
  }
  EXPECT_EQ(shapes["bottom.0.weight"], std::pair(13U, 64U));
  EXPECT_EQ(shapes["bottom.output.weight"], std::pair(64U, 16U));
  EXPECT_EQ(shapes["top.0.weight"], std::pair(16U + 27 * 26 / 2, 20U));
  EXPECT_EQ(shapes["top.output.weight"], std::pair(10U, 1U));
  EXPECT_EQ(fixture.model->tables()[0].dim, 16U);
}

TEST(Dlrm, RefusesWhatDoesNotFitAndSaysWhatWould) {
  const auto refusal = [](auto change) {
    ModelSpec spec = SmallSpec("dlrm");
    change(spec);
    const auto model = MakeModel(spec);
    return model.ok() ? std::string("made") : model.status().message();
  };
  EXPECT_EQ(refusal([](ModelSpec&) {}), "made");
  EXPECT_EQ(refusal([](ModelSpec& s) { s.numeric = 0; }),
            "model 'dlrm' has a tower over the numeric inputs and the data has none: declare a "
            "numeric column, or use model 'deepfm'");
  EXPECT_NE(refusal([](ModelSpec& s) { s.features.clear(); }).find("is read by no feature"),
            std::string::npos);
  EXPECT_EQ(refusal([](ModelSpec& s) { s.table_dims["wide"] = 2; }),
            "a dim is given for the table 'wide', which model 'dlrm' does not have; its tables: "
            "default");
  EXPECT_EQ(refusal([](ModelSpec& s) {
              s.bottom = {8, 0};
            }),
            "a hidden layer of width 0; 1 to 65536 is possible");
  EXPECT_EQ(refusal([](ModelSpec& s) { s.bottom.assign(65, 1); }),
            "model.bottom has 65 layers; at most 64 are possible");
  EXPECT_NE(refusal([](ModelSpec& s) {
              s.bottom = {65536, 65536};
            }).find("weights; at most"),
            std::string::npos);
}

}  // namespace
}  // namespace rookery
