// Models of the next item: what they rank by, and what they refuse.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "models/net/masked_elements.h"
#include "models/vector_math.h"
#include "tests/models/testing/model_cases.h"
#include "tests/models/testing/model_fixture.h"

namespace rookery {
namespace {

using ::testing::HasSubstr;

// A user's query is the state after the last element: its score of an item is the one that training
// compares, and what Predict says of the last item.
TEST(NextItem, RanksByWhatItTrains) {
  for (const char* name : {"gru4rec", "caser", "sasrec"}) {
    ModelSpec spec = SmallSpec(name);
    spec.item_loss = "bpr";
    ModelFixture fixture(spec, 1, 5);
    const std::size_t dim = spec.dim;
    std::vector<std::uint32_t> two = {0, 2}, one = {0, 1};
    const std::vector<float> rows = RandomFloats(fixture.random, 6 * dim, -1, 1);
    ModelInput input;
    input.examples = 1;
    for (std::size_t s = 0; s < 3; ++s) {
      input.sequences.push_back({rows.data() + 2 * s * dim, two.data()});
    }
    const auto rank = [&] {
      std::vector<float> query(dim);
      fixture.model->RankingQueries(input, fixture.dense, *fixture.scratch, query);
      return query;
    };
    const auto score = [&](const std::vector<float>& query, std::size_t row) {
      return Dot(query.data(), rows.data() + row * dim, dim);
    };
    std::vector<float> scores(1);
    fixture.model->Predict(input, fixture.dense, *fixture.scratch, scores);
    const std::vector<float> last = rank();
    EXPECT_NEAR(scores[0], 1 / (1 + std::exp(-score(last, 1))), 1e-6) << name;
    std::vector<std::vector<float>> row_gradients(3, std::vector<float>(2 * dim));
    std::vector<float> dense_gradient(fixture.dense.size());
    ModelGradients gradients;
    gradients.dense = dense_gradient.data();
    for (auto& rows_of : row_gradients) gradients.sequences.push_back(rows_of.data());
    (void)fixture.model->ForwardBackward(input, fixture.dense, {}, *fixture.scratch, scores,
                                         gradients);
    for (SequenceInput& sequence : input.sequences) sequence.offsets = one.data();
    const std::vector<float> first = rank();
    EXPECT_NE(first, last) << name;
    // The element before is not changed by the one behind it.
    double loss = 0;
    const auto compare = [&](const std::vector<float>& query, std::size_t element) {
      loss += std::log1p(std::exp(score(query, 2 + element) - score(query, element)));
    };
    compare(last, 1);
    if (std::string(name) == "sasrec") continue;  // its positions count from the last element
    compare(first, 0);
    EXPECT_NEAR(scores[0], std::exp(-loss / 2), 1e-6) << name;
  }
}

// Of a history whose last element alone is hidden the state there is the query.
TEST(NextItem, HiddenElementsAloneAreLearned) {
  ModelSpec spec = SmallSpec("bert4rec");
  spec.masked_percent = 0;
  ModelFixture fixture(spec, 5, 9);
  const double loss = fixture.ForwardBackward();
  std::vector<float> queries(fixture.examples * spec.dim);
  fixture.model->RankingQueries(fixture.Input(), fixture.dense, *fixture.scratch, queries);
  const ModelInput input = fixture.Input();
  double expected = 0;
  for (std::size_t b = 0; b < fixture.examples; ++b) {
    const auto score = [&](std::size_t sequence, std::uint32_t row) {
      const SequenceInput& rows = input.sequences[sequence];
      return Dot(queries.data() + b * spec.dim,
                 rows.rows + std::size_t{row - rows.offsets[0]} * spec.dim, spec.dim);
    };
    const std::uint32_t end = input.sequences[0].offsets[b + 1];
    if (end == input.sequences[0].offsets[b]) continue;
    const std::uint32_t negatives = input.sequences[1].offsets[b + 1];
    double term = std::log1p(std::exp(-score(0, end - 1)));
    for (const std::uint32_t row : {negatives - 2, negatives - 1}) {
      term += std::log1p(std::exp(score(1, row))) / 2;
    }
    EXPECT_NEAR(fixture.scores[b], std::exp(-term), 1e-5) << b;
    expected += fixture.weights[b] * term;
  }
  EXPECT_NEAR(loss, expected, 1e-4 * expected);
}

// The score is of the items alone; what the loss has more is the divergence, by hand.
TEST(NextItem, ThePenaltyOfLatentVariablesIsTheirDivergence) {
  ModelSpec spec = SmallSpec("mult_vae");
  ModelFixture fixture(spec, 3, 4);
  std::ranges::fill(fixture.weights, 1.0F);
  const double with = fixture.ForwardBackward();
  spec.kl_percent = 0;
  ModelFixture free(spec, 3, 4);
  std::ranges::fill(free.weights, 1.0F);
  const double without = free.ForwardBackward();
  EXPECT_EQ(free.scores, fixture.scores);
  // Of weights of zero only the bias is left: the same means and variances for all three users.
  for (ModelFixture* each : {&fixture, &free}) {
    for (const DenseBlockSpec& block : each->model->dense_blocks()) {
      const std::span<float> floats(each->dense.data() + block.offset, block.size());
      if (block.name == "latent.weight") std::ranges::fill(floats, 0.0F);
      if (block.name == "latent.bias") {
        for (std::size_t i = 0; i < floats.size(); ++i) floats[i] = i < 3 ? 0.5F : -0.25F;
      }
    }
  }
  EXPECT_GT(with, without);
  const double divergence = 3 * 3 * 0.5 * (0.25 + std::exp(-0.25) - 1 + 0.25);
  EXPECT_NEAR(fixture.ForwardBackward() - free.ForwardBackward(), 0.5 * divergence, 1e-5);
}

TEST(NextItem, EachLastElementIsHiddenAndAShareOfTheOthers) {
  std::vector<std::uint32_t> offsets = {5};
  for (int b = 0; b < 400; ++b) offsets.push_back(offsets.back() + 26);
  std::vector<std::uint8_t> hidden, again;
  FindHidden(nullptr, 20, offsets.data(), 400, &hidden);
  EXPECT_EQ(std::accumulate(hidden.begin(), hidden.end(), 0), 400);
  const DropoutStream stream{.seed = 3, .step = Step{7}};
  FindHidden(&stream, 20, offsets.data(), 400, &hidden);
  EXPECT_NEAR(std::accumulate(hidden.begin(), hidden.end(), 0), 400 + 2000, 130);
  for (std::size_t b = 1; b <= 400; ++b) EXPECT_EQ(hidden[b * 26 - 1], 1);
  FindHidden(&stream, 20, offsets.data(), 400, &again);
  EXPECT_EQ(again, hidden);
  const DropoutStream later{.seed = 3, .step = Step{8}};
  FindHidden(&later, 20, offsets.data(), 400, &again);
  EXPECT_NE(again, hidden);
}

TEST(NextItem, AnItemIsItsRowAndAQueryOfNothingIsZero) {
  ModelFixture fixture(SmallSpec("sasrec"), 0, 5);
  const std::vector<float> rows = RandomFloats(fixture.random, 8);
  const std::vector<std::uint32_t> items = {7, 8, 9}, none = {0, 0, 0};
  ModelInput input;
  input.examples = 2;
  input.sequences.push_back({rows.data(), items.data()});
  input.sequences.push_back({nullptr, none.data()});
  input.sequences.push_back({nullptr, none.data()});
  std::vector<float> made(10, 9);
  fixture.model->RankingItems(input, fixture.dense, *fixture.scratch, made);
  EXPECT_THAT(made, ::testing::ElementsAre(rows[0], rows[1], rows[2], rows[3], 0, rows[4], rows[5],
                                           rows[6], rows[7], 0));
  std::vector<float> queries(8, 9);
  fixture.model->RankingQueries(input, fixture.dense, *fixture.scratch, queries);
  EXPECT_EQ(queries, std::vector<float>(8, 0));
}

TEST(NextItem, RefusesWhatDoesNotFitAndSaysWhatWould) {
  const auto error = [](const std::string& model, auto change) {
    ModelSpec spec = SmallSpec(model);
    change(spec);
    return MakeModel(spec).status().message();
  };
  EXPECT_THAT(error("sasrec", [](ModelSpec& s) { s.features.resize(3); }),
              HasSubstr("data.format = \"sequence\""));
  EXPECT_THAT(error("sasrec", [](ModelSpec& s) { s.features[0].sequence = true; }),
              HasSubstr("data.format = \"sequence\""));
  EXPECT_THAT(error("caser", [](ModelSpec& s) { s.numeric = 1; }),
              HasSubstr("data.format = \"sequence\""));
  EXPECT_THAT(error("sasrec", [](ModelSpec& s) { s.attention_heads = 3; }),
              HasSubstr("does not divide the dim of table 'default', 4"));
  EXPECT_THAT(error("gru4rec", [](ModelSpec& s) { s.hidden = {}; }), HasSubstr("0 cells"));
  EXPECT_THAT(error("gru4rec", [](ModelSpec& s) { s.loss = "squared"; }),
              HasSubstr("model.item_loss"));
  EXPECT_THAT(error("gru4rec", [](ModelSpec& s) { s.dropout = 1; }), HasSubstr("in [0, 1)"));
  EXPECT_THAT(error("caser",
                    [](ModelSpec& s) {
                      s.horizontal_filters = 0;
                      s.vertical_filters = 0;
                    }),
              HasSubstr("has no filter"));
  EXPECT_THAT(error("gru4rec",
                    [](ModelSpec& s) {
                      s.item_rows = "own";
                      s.table_dims["output"] = 7;
                    }),
              HasSubstr("must be equal"));
}

}  // namespace
}  // namespace rookery
