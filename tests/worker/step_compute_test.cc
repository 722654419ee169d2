// A factorization machine with lists, weights and numeric inputs against float64 written by hand.
#include "worker/step_compute.h"

#include <gtest/gtest.h>

#include <cmath>

#include "common/random.h"

namespace rookery {
namespace {

constexpr std::size_t kExamples = 300;
constexpr std::size_t kNumeric = 3;
constexpr std::uint32_t kDim = 5;  // 4 and the first-order weight
const std::vector<Combiner> kCombiners = {Combiner::kSum, Combiner::kMean, Combiner::kSqrtN};

std::unique_ptr<Model> ModelOf(const std::string& name, float dropout = 0) {
  ModelSpec spec;
  spec.name = name;
  spec.dim = kDim - 1;
  spec.features = {{"a", {}}, {"b", {}}, {"c", {}}};
  spec.numeric = kNumeric;
  spec.hidden = {16, 8};
  spec.dropout = dropout;
  StatusOr<std::unique_ptr<Model>> model = MakeModel(spec);
  EXPECT_TRUE(model.ok()) << model.status().ToString();
  return std::move(*model);
}

Batch RandomBatch(std::uint64_t seed) {
  Random random(seed, Purpose::kTest);
  Batch batch;
  batch.examples = kExamples;
  batch.numeric_width = kNumeric;
  batch.features.resize(3);
  batch.features[1].offsets = batch.features[2].offsets = {0};
  for (std::size_t i = 0; i < kExamples; ++i) {
    batch.labels.push_back(random.NextBelow(3) == 0 ? 1.0F : 0.0F);
    batch.weights.push_back(0.5F + random.NextFloat());
    for (std::size_t n = 0; n < kNumeric; ++n) batch.numeric.push_back(random.NextFloat() - 0.5F);
    batch.features[0].keys.push_back(random.NextBelow(40));
    for (const std::size_t list : {1, 2}) {
      FeatureColumn& column = batch.features[list];
      for (std::uint64_t n = random.NextBelow(4); n > 0; --n) {
        column.keys.push_back(random.NextBelow(60));
        if (list == 2) column.weights.push_back(0.1F + random.NextFloat());
      }
      column.offsets.push_back(static_cast<std::uint32_t>(column.keys.size()));
    }
  }
  return batch;
}

struct Sample {
  Sample(const Model& model, std::uint64_t seed) : batch(RandomBatch(seed)) {
    StepPlanner planner(&model.tables(), kCombiners, 2, 64);
    planner.Plan(batch, true, &plan);
    Random random(seed + 1, Purpose::kTest);
    for (const TablePlan& table : plan.tables) {
      rows.emplace_back(table.keys.size() * table.dim);
      for (float& value : rows.back()) value = random.NextFloat() - 0.5F;
    }
    std::size_t floats = 0;
    for (const DenseBlockSpec& block : model.dense_blocks()) floats += block.size();
    dense.resize(floats);
    for (float& value : dense) value = (random.NextFloat() - 0.5F) * 0.5F;
  }
  Batch batch;
  StepPlan plan;
  std::vector<std::vector<float>> rows;
  std::vector<float> dense;
};

SliceBuffers Train(const Model& model, const Sample& sample, std::size_t threads,
                   std::uint32_t part_examples) {
  ComputePool pool(threads);
  StepCompute compute(&model, kCombiners, &pool, part_examples, 9);
  SliceBuffers buffers;
  (void)buffers.RowSpans(sample.plan);
  buffers.rows = sample.rows;
  for (int again = 0; again < 2; ++again) {  // buffers are reused from step to step
    compute.Train({sample.batch, sample.plan}, sample.dense, Step{4}, Slice{1}, &buffers);
  }
  return buffers;
}

// dense is found by the names of its blocks.
double DenseAt(const Model& model, const Sample& sample, const std::string& block, std::size_t i) {
  for (const DenseBlockSpec& spec : model.dense_blocks()) {
    if (spec.name == block) return sample.dense[spec.offset + i];
  }
  ADD_FAILURE() << block;
  return 0;
}

// How much one occurrence counts in its example's vector.
double OccurrenceWeight(const FeatureColumn& column, Combiner combiner, std::size_t example,
                        std::size_t occurrence) {
  double sum = 0;
  for (std::size_t o = column.Begin(example); o < column.End(example); ++o) {
    const double w = column.Weight(o);
    sum += combiner == Combiner::kSqrtN ? w * w : w;
  }
  const double w = column.Weight(occurrence);
  if (combiner == Combiner::kSum) return w;
  return combiner == Combiner::kMean ? w / sum : w / std::sqrt(sum);
}

// Naive float64: e[f] by the combiners, z = bias + w.x + sum of first order + pairs.
struct Reference {
  Reference(const Model& model, const Sample& sample) {
    const Batch& batch = sample.batch;
    row_gradient.resize(sample.rows[0].size());
    for (std::size_t i = 0; i < batch.examples; ++i) {
      std::vector<std::vector<double>> e(3, std::vector<double>(kDim));
      const auto each = [&](const auto& visit) {
        for (std::size_t f = 0; f < 3; ++f) {
          const FeatureColumn& column = batch.features[f];
          for (std::size_t o = column.Begin(i); o < column.End(i); ++o) {
            visit(f, sample.plan.positions[0][f][o] * kDim,
                  OccurrenceWeight(column, kCombiners[f], i, o));
          }
        }
      };
      each([&](std::size_t f, std::size_t row, double weight) {
        for (std::size_t d = 0; d < kDim; ++d) e[f][d] += weight * sample.rows[0][row + d];
      });
      double z = DenseAt(model, sample, "bias", 0);
      for (std::size_t n = 0; n < kNumeric; ++n) {
        z += DenseAt(model, sample, "linear.weight", n) * batch.numeric[i * kNumeric + n];
      }
      for (std::size_t f = 0; f < 3; ++f) {
        z += e[f][kDim - 1];
        for (std::size_t g = 0; g < f; ++g) {
          for (std::size_t d = 0; d + 1 < kDim; ++d) z += e[f][d] * e[g][d];
        }
      }
      const double p = 1 / (1 + std::exp(-z));
      const double y = batch.labels[i];
      const double w = batch.weights[i];
      scores.push_back(p);
      loss -= w * (y * std::log(p) + (1 - y) * std::log(1 - p));
      const double dz = w * (p - y);
      bias_gradient += dz;
      each([&](std::size_t f, std::size_t row, double weight) {
        for (std::size_t d = 0; d + 1 < kDim; ++d) {
          double others = 0;
          for (std::size_t g = 0; g < 3; ++g) others += g == f ? 0 : e[g][d];
          row_gradient[row + d] += dz * weight * others;
        }
        row_gradient[row + kDim - 1] += dz * weight;
      });
    }
  }
  std::vector<double> scores, row_gradient;
  double loss = 0;
  double bias_gradient = 0;
};

TEST(StepCompute, AgreesWithFloat64WrittenByHand) {
  const auto model = ModelOf("fm");
  for (std::uint64_t seed : {11, 12, 13}) {
    SCOPED_TRACE(StrCat("seed ", seed));
    const Sample sample(*model, seed);
    const Reference reference(*model, sample);
    const SliceBuffers buffers = Train(*model, sample, 2, 64);
    ASSERT_EQ(buffers.scores.size(), kExamples);
    for (std::size_t i = 0; i < kExamples; ++i) {
      ASSERT_NEAR(buffers.scores[i], reference.scores[i], 2e-6) << i;
    }
    EXPECT_NEAR(buffers.loss_sum, reference.loss, 1e-3);
    ASSERT_EQ(buffers.row_gradients[0].size(), reference.row_gradient.size());
    for (std::size_t i = 0; i < reference.row_gradient.size(); ++i) {
      ASSERT_NEAR(buffers.row_gradients[0][i], reference.row_gradient[i], 2e-5) << i;
    }
    for (const DenseBlockSpec& block : model->dense_blocks()) {
      if (block.name != "bias") continue;
      EXPECT_NEAR(buffers.dense_gradient[block.offset], reference.bias_gradient, 1e-4);
    }
  }
}

TEST(StepCompute, TheBitsDoNotDependOnThreads) {
  for (const char* name : {"lr", "fm", "deepfm"}) {
    SCOPED_TRACE(name);
    const auto model = ModelOf(name, name == std::string("deepfm") ? 0.5F : 0.0F);
    const Sample sample(*model, 21);
    for (const std::uint32_t part_examples : {32U, 128U, 4096U}) {
      const SliceBuffers one = Train(*model, sample, 1, part_examples);
      for (const std::size_t threads : {2, 3}) {
        const SliceBuffers many = Train(*model, sample, threads, part_examples);
        EXPECT_EQ(one.scores, many.scores);
        EXPECT_EQ(one.loss_sum, many.loss_sum);
        EXPECT_EQ(one.dense_gradient, many.dense_gradient);
        EXPECT_EQ(one.row_gradients, many.row_gradients);
      }
    }
  }
}

TEST(StepCompute, PredictsWhatTrainingScored) {
  const auto model = ModelOf("fm");
  const Sample sample(*model, 31);
  const SliceBuffers trained = Train(*model, sample, 2, 64);
  ComputePool pool(2);
  StepCompute compute(model.get(), kCombiners, &pool, 64, 9);
  SliceBuffers buffers;
  (void)buffers.RowSpans(sample.plan);
  buffers.rows = sample.rows;
  compute.Predict({sample.batch, sample.plan}, sample.dense, &buffers);
  EXPECT_EQ(buffers.scores, trained.scores);
  EXPECT_TRUE(buffers.dense_gradient.empty());
}

}  // namespace
}  // namespace rookery
