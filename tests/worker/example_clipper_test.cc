// Clipped sums against those of examples that are computed one by one, clipped and added in
// float64.
#include "worker/example_clipper.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "common/random.h"
#include "worker/step_compute.h"

namespace rookery {
namespace {

constexpr std::size_t kExamples = 60;

std::unique_ptr<Model> ModelOf(ModelSpec spec) {
  StatusOr<std::unique_ptr<Model>> model = MakeModel(spec);
  EXPECT_TRUE(model.ok()) << model.status().ToString();
  return std::move(model).value();
}

// Few keys, so that examples have some of them more than once, in one feature and in several.
FeatureColumn RandomLists(Random& random, bool weights) {
  FeatureColumn column;
  column.offsets = {0};
  for (std::size_t i = 0; i < kExamples; ++i) {
    for (std::uint64_t n = random.NextBelow(5); n > 0; --n) {
      column.keys.push_back(random.NextBelow(7));
      if (weights) column.weights.push_back(0.1F + random.NextFloat());
    }
    column.offsets.push_back(static_cast<std::uint32_t>(column.keys.size()));
  }
  return column;
}

// A single key, a weighted list, and a list that may be a sequence; two numbers.
Batch RandomBatch(std::uint64_t seed) {
  Random random(seed, Purpose::kTest);
  Batch batch;
  batch.examples = kExamples;
  batch.numeric_width = 2;
  batch.features.resize(3);
  for (std::size_t i = 0; i < kExamples; ++i) {
    batch.labels.push_back(random.NextBelow(3) == 0 ? 1.0F : 0.0F);
    batch.weights.push_back(0.5F + random.NextFloat());
    for (int n = 0; n < 2; ++n) batch.numeric.push_back(random.NextFloat() - 0.5F);
    batch.features[0].keys.push_back(random.NextBelow(7));
  }
  batch.features[1] = RandomLists(random, true);
  batch.features[2] = RandomLists(random, false);
  return batch;
}

struct Case {
  ModelSpec spec;
  std::vector<Combiner> combiners;
};

Case CaseOf(const std::string& name) {
  Case of;
  of.spec.name = name;
  of.spec.dim = 4;
  of.spec.features = {{"a", {}}, {"b", {}}, {"c", {}, name == "din"}};
  of.spec.target = "a";
  of.spec.numeric = 2;
  of.spec.hidden = {8};
  of.spec.attention_hidden = {4};
  of.combiners = {Combiner::kSum, Combiner::kSqrtN,
                  name == "din" ? Combiner::kNone : Combiner::kMean};
  return of;
}

// The weights of a key, whoever asks.
float WeightOf(std::size_t table, Key key, std::size_t d) {
  Random random(5, Purpose::kTest, table, key);
  return 2 * Random::ToFloat(random.At(d)) - 1;
}

using KeyGradients = std::map<std::pair<std::size_t, Key>, std::vector<double>>;

struct Result {
  KeyGradients rows;
  std::vector<double> dense;
  std::vector<float> scores;
  double loss = 0;
  std::size_t left_out = 0;
};

// `nan_key`: a key whose weights are no numbers.
Result Train(const Model& model, const std::vector<Combiner>& combiners, const Batch& batch,
             double clip_norm, std::size_t threads = 1, std::uint32_t part_examples = 16,
             Key nan_key = ~Key{0}) {
  StepPlan plan;
  StepPlanner(&model.tables(), combiners, 2, 64).Plan(batch, true, &plan);
  ComputePool pool(threads);
  StepCompute compute(&model, combiners, &pool, part_examples, 9, clip_norm);
  SliceBuffers buffers;
  (void)buffers.RowSpans(plan);
  for (std::size_t t = 0; t < plan.tables.size(); ++t) {
    const TablePlan& table = plan.tables[t];
    for (std::size_t i = 0; i < buffers.rows[t].size(); ++i) {
      const Key key = table.keys[i / table.dim];
      buffers.rows[t][i] = key == nan_key ? std::numeric_limits<float>::quiet_NaN()
                                          : WeightOf(t, key, i % table.dim);
    }
  }
  std::size_t floats = 0;
  for (const DenseBlockSpec& block : model.dense_blocks()) floats += block.size();
  std::vector<float> dense(floats);
  Random random(6, Purpose::kTest);
  for (float& value : dense) value = random.NextFloat() - 0.5F;
  for (int again = 0; again < 2; ++again) {  // buffers are reused from step to step
    compute.Train({batch, plan}, dense, Step{4}, Slice{1}, &buffers);
  }
  Result result;
  for (std::size_t t = 0; t < plan.tables.size(); ++t) {
    const TablePlan& table = plan.tables[t];
    for (std::size_t i = 0; i < buffers.row_gradients[t].size(); ++i) {
      result.rows[{t, table.keys[i / table.dim]}].push_back(buffers.row_gradients[t][i]);
    }
  }
  result.dense.assign(buffers.dense_gradient.begin(),
                      buffers.dense_gradient.begin() + static_cast<std::ptrdiff_t>(floats));
  result.scores = buffers.scores;
  result.loss = buffers.loss_sum;
  result.left_out = buffers.left_out;
  return result;
}

Batch Alone(const Batch& batch, std::uint32_t example) {
  Batch one;
  ShapeLike(batch, 1, &one);
  GatherRows(batch, &example, 1, 0, &one);
  return one;
}

struct Reference {
  Result sum;
  std::size_t clipped = 0;
};

Reference OneByOne(const Model& model, const std::vector<Combiner>& combiners, const Batch& batch,
                   double clip_norm) {
  Reference reference;
  for (std::uint32_t example = 0; example < batch.examples; ++example) {
    const Result one = Train(model, combiners, Alone(batch, example), 0);
    double squares = 0;
    for (const double g : one.dense) squares += g * g;
    for (const auto& [key, gradient] : one.rows) {
      for (const double g : gradient) squares += g * g;
    }
    const double scale = std::min(1.0, clip_norm / std::sqrt(squares));
    if (scale < 1) ++reference.clipped;
    Result& sum = reference.sum;
    sum.loss += one.loss;
    sum.dense.resize(one.dense.size());
    for (std::size_t i = 0; i < one.dense.size(); ++i) sum.dense[i] += scale * one.dense[i];
    for (const auto& [key, gradient] : one.rows) {
      std::vector<double>& to = sum.rows[key];
      to.resize(gradient.size());
      for (std::size_t d = 0; d < gradient.size(); ++d) to[d] += scale * gradient[d];
    }
  }
  return reference;
}

void ExpectNear(const Result& got, const Result& want) {
  EXPECT_NEAR(got.loss, want.loss, 1e-4);
  ASSERT_EQ(got.dense.size(), want.dense.size());
  for (std::size_t i = 0; i < want.dense.size(); ++i) {
    ASSERT_NEAR(got.dense[i], want.dense[i], 1e-5) << i;
  }
  ASSERT_EQ(got.rows.size(), want.rows.size());
  for (const auto& [key, gradient] : want.rows) {
    const std::vector<double>& row = got.rows.at(key);
    ASSERT_EQ(row.size(), gradient.size());
    for (std::size_t d = 0; d < row.size(); ++d) {
      ASSERT_NEAR(row[d], gradient[d], 1e-5) << key.first << " " << key.second << " " << d;
    }
  }
}

class ClippedSum : public ::testing::TestWithParam<const char*> {};

TEST_P(ClippedSum, IsThatOfExamplesOneByOne) {
  const Case of = CaseOf(GetParam());
  const auto model = ModelOf(of.spec);
  const Batch batch = RandomBatch(3);
  for (const double clip_norm : {0.3, 1.0}) {
    SCOPED_TRACE(clip_norm);
    const Reference reference = OneByOne(*model, of.combiners, batch, clip_norm);
    EXPECT_GT(reference.clipped, 5U);
    EXPECT_LE(reference.clipped, kExamples);
    const Result got = Train(*model, of.combiners, batch, clip_norm);
    ExpectNear(got, reference.sum);
    EXPECT_EQ(got.left_out, 0U);
  }
}

TEST_P(ClippedSum, OfALimitThatNobodyReachesIsThePlainSum) {
  const Case of = CaseOf(GetParam());
  const auto model = ModelOf(of.spec);
  const Batch batch = RandomBatch(4);
  ExpectNear(Train(*model, of.combiners, batch, 1e6), Train(*model, of.combiners, batch, 0));
}

INSTANTIATE_TEST_SUITE_P(Models, ClippedSum,
                         ::testing::Values("lr", "fm", "mlp", "deepfm", "wide_deep", "din"),
                         [](const auto& info) { return std::string(info.param); });

TEST(ExampleClipper, TheBitsDoNotDependOnThreads) {
  Case of = CaseOf("deepfm");
  of.spec.dropout = 0.5F;
  const auto model = ModelOf(of.spec);
  const Batch batch = RandomBatch(5);
  const Result one = Train(*model, of.combiners, batch, 0.5, 1, 7);
  for (const std::size_t threads : {2, 3}) {
    const Result many = Train(*model, of.combiners, batch, 0.5, threads, 7);
    EXPECT_EQ(many.dense, one.dense);
    EXPECT_EQ(many.rows, one.rows);
    EXPECT_EQ(many.scores, one.scores);
    EXPECT_EQ(many.loss, one.loss);
  }
}

// Logistic regression with all weights 0 is at 1/2: with label 0 and weight 2 the bias' gradient is
// 1. Key 7, twice in a list, has a gradient of 2, key 8 one of 1: norm sqrt(1 + 4 + 1).
TEST(ExampleClipper, AKeyThatAnExampleHasTwiceIsOneRow) {
  ModelSpec spec;
  spec.name = "lr";
  spec.features = {{"a", {}}};
  const auto model = ModelOf(spec);
  Batch batch;
  batch.examples = 1;
  batch.labels = {0};
  batch.weights = {2};
  batch.features.resize(1);
  batch.features[0].keys = {7, 8, 7};
  batch.features[0].offsets = {0, 3};
  StepPlan plan;
  StepPlanner(&model->tables(), {Combiner::kSum}, 1, 64).Plan(batch, true, &plan);
  ComputePool pool(1);
  StepCompute compute(model.get(), {Combiner::kSum}, &pool, 16, 1, 0.5);
  SliceBuffers buffers;
  (void)buffers.RowSpans(plan);
  compute.Train({batch, plan}, std::vector<float>(1), Step{0}, Slice{0}, &buffers);
  const double scale = 0.5 / std::sqrt(6.0);
  EXPECT_NEAR(buffers.dense_gradient[0], scale, 1e-6);
  for (std::size_t row = 0; row < 2; ++row) {
    EXPECT_NEAR(buffers.row_gradients[0][row], plan.tables[0].keys[row] == 7 ? 2 * scale : scale,
                1e-6);
  }
}

TEST(ExampleClipper, AnExampleWithoutAFiniteGradientAddsNothing) {
  const Case of = CaseOf("deepfm");
  const auto model = ModelOf(of.spec);
  Batch batch = RandomBatch(8);
  constexpr Key kOdd = 1000;  // of example 3 alone
  batch.features[0].keys[3] = kOdd;
  const Result got = Train(*model, of.combiners, batch, 0.5, 2, 16, kOdd);
  EXPECT_EQ(got.left_out, 1U);
  Reference rest = OneByOne(*model, of.combiners, batch, 0.5);
  const Reference odd = OneByOne(*model, of.combiners, Alone(batch, 3), 0.5);
  for (std::size_t i = 0; i < got.dense.size(); ++i) {
    ASSERT_NEAR(got.dense[i], rest.sum.dense[i] - odd.sum.dense[i], 1e-5);
  }
  for (const auto& [key, gradient] : got.rows) {
    const auto of_odd = odd.sum.rows.find(key);
    for (std::size_t d = 0; d < gradient.size(); ++d) {
      const double without = of_odd == odd.sum.rows.end() ? 0 : of_odd->second[d];
      ASSERT_NEAR(gradient[d], rest.sum.rows.at(key)[d] - without, 1e-5) << key.second;
    }
  }
}

}  // namespace
}  // namespace rookery
