// Of every model that says so, the gradient is a sum over examples, each as it is alone: what
// privacy.clip_norm rests on.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "tests/models/testing/model_cases.h"
#include "tests/models/testing/model_fixture.h"

namespace rookery {
namespace {

constexpr std::uint64_t kSeed = 17;

// Adds the example's gradients: of dense parameters, and of the catalog if there is one.
void AddGradientsOf(ModelFixture& fixture, std::size_t b, std::vector<double>* sum) {
  auto embeddings = fixture.embedding_gradients;
  auto sequences = fixture.sequence_gradients;
  std::vector<float> dense(fixture.dense.size()), catalog(fixture.catalog.size());
  ModelGradients gradients{{}, dense.data()};
  for (auto& block : embeddings) gradients.embeddings.push_back(block.data());
  for (auto& block : sequences) gradients.sequences.push_back(block.data());
  gradients.catalog = catalog.data();
  std::vector<float> scores(fixture.model->outputs());
  (void)fixture.model->ForwardBackward(fixture.InputOf(b), fixture.dense, {.seed = 1},
                                       *fixture.scratch, scores, gradients);
  for (std::size_t i = 0; i < dense.size(); ++i) (*sum)[i] += dense[i];
  for (std::size_t i = 0; i < catalog.size(); ++i) (*sum)[dense.size() + i] += catalog[i];
}

class ExampleGradients : public testing::TestWithParam<ModelCase> {};

TEST_P(ExampleGradients, AddUpToThoseOfTheBatch) {
  const ModelSpec& spec = GetParam().spec;
  ModelFixture fixture(spec, 9, kSeed);
  if (fixture.model->mixes_examples() || spec.norm == "batch" || spec.activation == "dice") {
    GTEST_SKIP() << "it says that examples are mixed";
  }
  if (spec.dropout > 0 || spec.name == "bert4rec" || spec.name == "mult_vae") {
    GTEST_SKIP() << "what it draws depends on the place in the batch";
  }
  (void)fixture.ForwardBackward();
  std::vector<double> sum(fixture.dense.size() + fixture.catalog.size());
  for (std::size_t b = 0; b < fixture.examples; ++b) AddGradientsOf(fixture, b, &sum);
  std::vector<float> batch = fixture.dense_gradient;
  batch.insert(batch.end(), fixture.catalog_gradient.begin(), fixture.catalog_gradient.end());
  double largest = 0;
  for (const double g : sum) largest = std::max(largest, std::abs(g));
  for (std::size_t i = 0; i < batch.size(); ++i) {
    EXPECT_NEAR(batch[i], sum[i], 1e-5 * (largest + std::abs(sum[i]))) << i;
  }
}

// The first that a scratch sees; of a model of next items it has no elements.
TEST_P(ExampleGradients, OfTheFirstExampleAreFinite) {
  ModelFixture fixture(GetParam().spec, 9, kSeed);
  std::vector<double> sum(fixture.dense.size() + fixture.catalog.size());
  AddGradientsOf(fixture, 0, &sum);
  for (const double g : sum) EXPECT_TRUE(std::isfinite(g));
}

INSTANTIATE_TEST_SUITE_P(All, ExampleGradients, testing::ValuesIn(ModelCases()), TitleOf);

}  // namespace
}  // namespace rookery
