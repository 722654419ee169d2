// Whole models beside PyTorch: scores, loss and all gradients, as torch_models.py found them with
// the same made up numbers in float64.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "tests/models/testing/model_cases.h"
#include "tests/models/testing/model_fixture.h"

namespace rookery {
namespace {

constexpr std::size_t kExamples = 5, kProbes = 2;
constexpr double kTolerance = 1e-5;

using Golden = std::map<std::string, std::vector<double>>;

const std::map<std::string, Golden>& Goldens() {
  static const std::map<std::string, Golden> goldens = [] {
    std::map<std::string, Golden> read;
    std::ifstream file(ROOKERY_TORCH_MODELS);
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      std::string title, what;
      words >> title >> what;
      for (double value = 0; words >> value;) read[title][what].push_back(value);
    }
    return read;
  }();
  return goldens;
}

// From the name alone, in [-scale, scale); the same as numbers() of torch_models.py.
std::vector<float> Numbers(const std::string& name, std::size_t count, float scale = 1) {
  std::uint32_t state = 2166136261U;
  for (const char c : name) state = (state ^ static_cast<unsigned char>(c)) * 16777619U;
  std::vector<float> values(count);
  for (float& value : values) {
    state = state * 1664525U + 1013904223U;
    value = static_cast<float>(state / 256) / 8388608.0F * scale - scale;
  }
  return values;
}

void SetNumbers(const ModelCase& test, ModelFixture* fixture) {
  fixture->numeric = Numbers("numeric", fixture->numeric.size());
  const auto weights = Numbers("weights", kExamples);
  for (std::size_t b = 0; b < kExamples; ++b) fixture->weights[b] = 1.25F + 0.75F * weights[b];
  const auto labels = Numbers("labels", fixture->labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (std::isnan(fixture->labels[i])) continue;  // absent there, too
    fixture->labels[i] = (labels[i] + 1) / 2;
    if (IsBinaryLoss(test.spec.loss)) fixture->labels[i] = std::nearbyint(fixture->labels[i]);
  }
  for (std::size_t t = 0; t < fixture->embeddings.size(); ++t) {
    fixture->embeddings[t] =
        Numbers("table." + fixture->model->tables()[t].name, fixture->embeddings[t].size());
  }
  for (std::size_t s = 0; s < fixture->sequences.size(); ++s) {
    fixture->sequences[s] = Numbers(StrCat("sequence.", s), fixture->sequences[s].size());
  }
  fixture->catalog = Numbers("catalog", fixture->catalog.size());
  for (const DenseBlockSpec& block : fixture->model->dense_blocks()) {
    std::vector<float> values = Numbers(block.name, block.size(), 0.5F);
    if (block.name.ends_with(".gain")) {
      for (float& value : values) value += 1;
    }
    std::ranges::copy(values, fixture->dense.begin() + static_cast<std::ptrdiff_t>(block.offset));
  }
}

class TorchModels : public testing::TestWithParam<ModelCase> {
 protected:
  void ExpectGradient(const std::string& what, std::span<const float> gradient) {
    const Golden& golden = Goldens().at(GetParam().title);
    ASSERT_TRUE(golden.contains(what)) << what;
    double norm = 0;
    for (const float g : gradient) norm += double{g} * double{g};
    norm = std::sqrt(norm);
    const double expected = golden.at(what)[0];
    EXPECT_NEAR(norm, expected, kTolerance * expected) << what;
    for (std::size_t p = 0; p < kProbes; ++p) {
      const auto probe = Numbers(StrCat("probe.", p), gradient.size());
      double product = 0;
      for (std::size_t i = 0; i < probe.size(); ++i) product += double{probe[i]} * gradient[i];
      EXPECT_NEAR(product, golden.at(what)[p + 1], kTolerance * expected) << what << " " << p;
    }
    ++compared_;
  }
  std::size_t compared_ = 0;
};

TEST_P(TorchModels, ScoresLossAndGradientsAreTheirs) {
  ModelFixture fixture(GetParam().spec, kExamples, 1);
  ASSERT_TRUE(fixture.model);
  SetNumbers(GetParam(), &fixture);
  const double loss = fixture.ForwardBackward();
  const Golden& golden = Goldens().at(GetParam().title);
  EXPECT_NEAR(loss, golden.at("loss")[0], kTolerance * golden.at("loss")[0]);
  ASSERT_EQ(golden.at("scores").size(), fixture.scores.size());
  for (std::size_t i = 0; i < fixture.scores.size(); ++i) {
    const double expected = golden.at("scores")[i];
    EXPECT_NEAR(fixture.scores[i], expected, kTolerance * std::max(0.1, std::abs(expected))) << i;
  }
  for (std::size_t t = 0; t < fixture.embedding_gradients.size(); ++t) {
    if (fixture.embedding_gradients[t].empty()) continue;
    ExpectGradient("table." + fixture.model->tables()[t].name, fixture.embedding_gradients[t]);
  }
  for (std::size_t s = 0; s < fixture.sequence_gradients.size(); ++s) {
    if (!golden.contains(StrCat("sequence.", s)) && !fixture.catalog.empty()) continue;
    ExpectGradient(StrCat("sequence.", s), fixture.sequence_gradients[s]);
  }
  if (!fixture.catalog.empty()) ExpectGradient("catalog", fixture.catalog_gradient);
  for (const DenseBlockSpec& block : fixture.model->dense_blocks()) {
    if (block.statistic_rate != 0) continue;
    ExpectGradient(block.name,
                   std::span(fixture.dense_gradient).subspan(block.offset, block.size()));
  }
  EXPECT_EQ(compared_ + 2, golden.size()) << "PyTorch has gradients that the model has not";
}

std::vector<ModelCase> CasesWithGolden() {
  std::vector<ModelCase> cases = ModelCases();
  std::erase_if(cases, [](const ModelCase& test) { return !Goldens().contains(test.title); });
  return cases;
}

TEST(TorchModelsFile, NamesNoCaseThatIsNot) {
  EXPECT_EQ(CasesWithGolden().size(), Goldens().size());
  EXPECT_GT(Goldens().size(), 30U);
}

INSTANTIATE_TEST_SUITE_P(All, TorchModels, testing::ValuesIn(CasesWithGolden()), TitleOf);

}  // namespace
}  // namespace rookery
