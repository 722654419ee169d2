#include "models/zoo/bpr_mf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/vector_math.h"
#include "tests/models/testing/model_cases.h"
#include "tests/models/testing/model_fixture.h"

namespace rookery {
namespace {

using ::testing::HasSubstr;

// Of one example by hand: user (1, 2), item (3, -1) with bias .5, negative (.25, 1) with bias -.25.
TEST(BprMf, ComparesTwoItems) {
  ModelSpec spec = SmallSpec("bpr_mf");
  spec.dim = 2;
  const auto model = MakeBprMf(spec);
  ASSERT_TRUE(model.ok()) << model.status().ToString();
  EXPECT_TRUE((*model)->dense_blocks().empty());
  const std::vector<float> rows = {1, 2, 9, 3, -1, 0.5F, 0.25F, 1, -0.25F};
  ModelInput input;
  input.examples = 1;
  input.embeddings.push_back(rows.data());
  const auto scratch = (*model)->MakeScratch();
  std::vector<float> score(1);
  (*model)->Predict(input, {}, *scratch, score);
  // (3 - 2 + .5) - (.25 + 2 - .25) = -.5
  EXPECT_NEAR(score[0], 1 / (1 + std::exp(0.5)), 1e-6);
}

// The score of training is that of the difference of two scores of the ranking.
TEST(BprMf, RanksByWhatItTrains) {
  constexpr std::size_t kExamples = 7;
  ModelSpec spec = SmallSpec("bpr_mf");
  ModelFixture fixture(spec, kExamples, 5);
  const std::size_t width = fixture.model->ranking_width();
  ASSERT_EQ(width, 3U);
  const std::size_t row = width + 1;
  std::vector<float> queries(kExamples * width);
  std::vector<float> items(kExamples * row);
  fixture.model->RankingQueries(fixture.Input(), fixture.dense, *fixture.scratch, queries);
  fixture.model->RankingItems(fixture.Input(), fixture.dense, *fixture.scratch, items);
  const std::vector<float> predicted = fixture.Predict();
  for (std::size_t b = 0; b < kExamples; ++b) {
    const float* negative = fixture.embeddings[0].data() + (3 * b + 2) * row;
    const auto score = [&](const float* item) {
      return Dot(queries.data() + b * width, item, width) + item[width];
    };
    const double difference = score(items.data() + b * row) - score(negative);
    EXPECT_NEAR(predicted[b], 1 / (1 + std::exp(-difference)), 1e-6);
  }
}

TEST(BprMf, RefusesWhatItCannotCompare) {
  const auto error = [](auto change) {
    ModelSpec spec = SmallSpec("bpr_mf");
    change(spec);
    return MakeBprMf(spec).status().message();
  };
  EXPECT_THAT(error([](ModelSpec& s) { s.features.resize(2); }), HasSubstr("three features"));
  EXPECT_THAT(error([](ModelSpec& s) { s.numeric = 1; }), HasSubstr("no numeric input"));
  EXPECT_THAT(error([](ModelSpec& s) { s.loss = "squared"; }), HasSubstr("its loss is \"bce\""));
}

}  // namespace
}  // namespace rookery
