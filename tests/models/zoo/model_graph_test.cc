// Describe must mean what Predict computes.
#include <gtest/gtest.h>

#include "tests/models/testing/graph_interpreter.h"
#include "tests/models/testing/model_cases.h"
#include "tests/models/testing/model_fixture.h"

namespace rookery {
namespace {

class ModelGraph : public testing::TestWithParam<ModelCase> {};

TEST_P(ModelGraph, EvaluatesToPredict) {
  ModelFixture fixture(GetParam().spec, 11, 33);
  if (!fixture.sequences.empty()) GTEST_SKIP() << "models of sequences have no graph";
  const ModelInput input = fixture.Input();
  GraphInterpreter graph(*fixture.model, input, GetParam().spec.numeric, fixture.dense);
  fixture.model->Describe(graph);
  const std::vector<float> scores = fixture.Predict();
  ASSERT_EQ(graph.scores().size(), scores.size());
  for (std::size_t b = 0; b < scores.size(); ++b) {
    EXPECT_NEAR(scores[b], graph.scores()[b], 1e-5) << "example " << b << ", seed 33";
  }
}

INSTANTIATE_TEST_SUITE_P(All, ModelGraph, testing::ValuesIn(ModelCases()), TitleOf);

}  // namespace
}  // namespace rookery
