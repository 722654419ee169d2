// What every model of the registry must do.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "tests/models/testing/model_cases.h"
#include "tests/models/testing/model_fixture.h"

namespace rookery {
namespace {

constexpr std::uint64_t kSeed = 21;

class ModelConformance : public testing::TestWithParam<ModelCase> {};

TEST_P(ModelConformance, GradientsMatchDifferences) {
  if (GetParam().spec.name == "popularity") GTEST_SKIP() << "it trains nothing";
  ModelFixture fixture(GetParam().spec, 6, kSeed);
  ASSERT_TRUE(fixture.model);
  (void)fixture.ForwardBackward();
  const auto embedding_gradients = fixture.embedding_gradients;
  const auto sequence_gradients = fixture.sequence_gradients;
  const std::vector<float> dense_gradient = fixture.dense_gradient;
  const auto loss = [&] { return fixture.ForwardBackward(); };
  const bool kinks = GetParam().spec.activation == "relu";
  const std::string& name = GetParam().spec.name;
  const bool steep = name == "sasrec" || name == "bert4rec";  // norms of rows of four
  const GradientCheckOptions check{.step = kinks ? 1e-3F : (steep ? 3e-3F : 1e-2F),
                                   .tolerance = 2e-2};
  for (std::size_t t = 0; t < embedding_gradients.size(); ++t) {
    if (embedding_gradients[t].empty()) continue;  // the table is read by sequences alone
    ExpectGradient(StrCat("table ", t), fixture.embeddings[t], embedding_gradients[t], loss, check);
  }
  const std::vector<float> catalog_gradient = fixture.catalog_gradient;
  if (!catalog_gradient.empty()) {
    ExpectGradient("catalog", fixture.catalog, catalog_gradient, loss, check);
  }
  for (std::size_t s = 0; s < sequence_gradients.size(); ++s) {
    const auto& gradient = sequence_gradients[s];
    if (!fixture.catalog.empty() && gradient == std::vector<float>(gradient.size(), 0)) continue;
    ExpectGradient(StrCat("sequence ", s), fixture.sequences[s], sequence_gradients[s], loss,
                   check);
  }
  for (const DenseBlockSpec& block : fixture.model->dense_blocks()) {
    if (block.statistic_rate != 0) continue;
    ExpectGradient(block.name, std::span(fixture.dense).subspan(block.offset, block.size()),
                   std::span(dense_gradient).subspan(block.offset, block.size()), loss, check);
  }
  for (const float g : dense_gradient) ASSERT_FALSE(std::isnan(g)) << "a gradient was not written";
}

// Of a model of next items the loss is of each element, the score of their mean; of one that
// compares the items of examples the score is exp(-loss).
TEST_P(ModelConformance, ScoresAndLossAgree) {
  if (GetParam().spec.name == "mult_vae")
    GTEST_SKIP() << "the loss has a penalty: next_item_test.cc";
  if (GetParam().spec.name == "bert4rec") GTEST_SKIP() << "not of all elements: next_item_test.cc";
  ModelFixture fixture(GetParam().spec, 9, kSeed);
  const double loss = fixture.ForwardBackward();
  double sum = 0;
  const std::size_t outputs = fixture.model->outputs();
  const bool counts = WantsItemCounts(GetParam().spec.name);
  for (std::size_t i = 0; i < fixture.scores.size(); ++i) {
    const std::size_t b = i / outputs;
    if (std::isnan(fixture.labels[i])) continue;
    if (fixture.next_item) {
      const auto& ends = fixture.offsets[0];
      sum -= fixture.weights[b] * static_cast<double>(ends[b + 1] - ends[b]) *
             std::log(static_cast<double>(fixture.scores[b]));
      continue;
    }
    if (counts) {
      sum -= std::log(static_cast<double>(fixture.scores[i]));
      continue;
    }
    const double score = fixture.scores[i], label = fixture.labels[i];
    const double error = std::abs(score - label);
    double term = error * error;
    if (GetParam().spec.loss == "bce") term = -std::log(label > 0.5 ? score : 1 - score);
    const double of_label = label > 0.5 ? score : 1 - score;
    if (GetParam().spec.loss == "focal") {
      term = -(1 - of_label) * (1 - of_label) * std::log(of_label);
    }
    if (GetParam().spec.loss == "hinge") {
      term = std::max(0.0, 1 - std::log(of_label / (1 - of_label)));
    }
    if (GetParam().spec.loss == "smooth_l1") {
      term = error < 1 ? 0.5 * error * error : error - 0.5;
    }
    const auto& labels = GetParam().spec.labels;
    const double loss_weight = labels.empty() ? 1 : labels[i % outputs].loss_weight;
    sum += loss_weight * fixture.weights[b] * term;
  }
  EXPECT_NEAR(loss, sum, 1e-4 * std::abs(sum));
}

TEST_P(ModelConformance, PredictIsForwardWithoutDropoutAndBatchNorm) {
  ModelFixture fixture(GetParam().spec, 9, kSeed);
  if (fixture.next_item || WantsItemCounts(GetParam().spec.name)) {
    GTEST_SKIP() << "it predicts another score than it trains";
  }
  (void)fixture.ForwardBackward();
  if (GetParam().spec.dropout > 0 || GetParam().spec.norm == "batch") {
    EXPECT_NE(fixture.Predict(), fixture.scores);
  } else {
    EXPECT_EQ(fixture.Predict(), fixture.scores);
  }
}

// So evaluation has the same metrics however examples are dealt out.
TEST_P(ModelConformance, AnExampleScoresTheSameAloneAndAmongOthers) {
  ModelFixture fixture(GetParam().spec, 9, kSeed);
  const std::vector<float> together = fixture.Predict();
  for (std::size_t b = 0; b < fixture.examples; ++b) {
    ModelInput one = fixture.InputOf(b);
    one.labels = one.weights = nullptr;
    std::vector<float> scores(fixture.model->outputs(), NAN);
    fixture.model->Predict(one, fixture.dense, *fixture.scratch, scores);
    for (std::size_t k = 0; k < scores.size(); ++k) {
      EXPECT_EQ(scores[k], together[b * scores.size() + k]) << b;
    }
  }
}

TEST_P(ModelConformance, TheSameBitsWhateverTheScratchWasUsedFor) {
  ModelFixture fixture(GetParam().spec, 7, kSeed);
  const double loss = fixture.ForwardBackward();
  const auto dense_gradient = fixture.dense_gradient;
  const auto embedding_gradients = fixture.embedding_gradients;
  const auto catalog_gradient = fixture.catalog_gradient;
  ModelFixture larger(GetParam().spec, 50, kSeed + 1);
  (void)larger.ForwardBackward();
  (void)larger.Predict();
  fixture.scratch = std::move(larger.scratch);
  EXPECT_EQ(fixture.ForwardBackward(), loss);
  EXPECT_EQ(std::memcmp(fixture.dense_gradient.data(), dense_gradient.data(),
                        dense_gradient.size() * sizeof(float)),
            0);
  EXPECT_EQ(fixture.embedding_gradients, embedding_gradients);
  EXPECT_EQ(fixture.catalog_gradient, catalog_gradient);
}

TEST_P(ModelConformance, BlocksAndTablesAreInOrder) {
  ModelFixture fixture(GetParam().spec, 1, kSeed);
  std::uint64_t offset = 0;
  for (const DenseBlockSpec& block : fixture.model->dense_blocks()) {
    EXPECT_EQ(block.offset, offset) << block.name;
    offset += block.size();
  }
  for (const ModelTable& table : fixture.model->tables()) {
    EXPECT_GT(table.inputs(), 0U) << table.name;
    EXPECT_LE(table.zero_columns, table.dim) << table.name;
  }
}

TEST_P(ModelConformance, NoExamplesIsNoGradient) {
  ModelFixture fixture(GetParam().spec, 0, kSeed);
  EXPECT_EQ(fixture.ForwardBackward(), 0);
  EXPECT_EQ(fixture.dense_gradient, std::vector<float>(fixture.dense.size(), 0));
  EXPECT_TRUE(fixture.Predict().empty());
}

INSTANTIATE_TEST_SUITE_P(All, ModelConformance, testing::ValuesIn(ModelCases()), TitleOf);

}  // namespace
}  // namespace rookery
