// A step of a model that tells items from the whole catalog: StepPlanner, StepCompute and the model
// together.
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "common/random.h"
#include "worker/step_compute.h"

namespace rookery {
namespace {

constexpr std::size_t kExamples = 70, kItems = 50;

std::unique_ptr<Model> ModelOf(const std::string& rows) {
  ModelSpec spec;
  spec.name = "gru4rec";
  spec.item_loss = "full_softmax";
  spec.item_rows = rows;
  spec.dim = 4;
  spec.hidden = {5};
  spec.features = {{"user", {}}, {"item", {}, true}, {"negative", {}, true}, {"history", {}, true}};
  auto model = MakeModel(spec);
  EXPECT_TRUE(model.ok()) << model.status().ToString();
  return std::move(*model);
}

const std::vector<Combiner> kCombiners(4, Combiner::kNone);

struct Sample {
  explicit Sample(const Model& model) : catalog(kItems) {
    Random random(3, Purpose::kTest);
    std::iota(catalog.begin(), catalog.end(), Key{100});
    batch.examples = kExamples;
    batch.labels.assign(kExamples, 1);
    batch.features.resize(4);
    for (FeatureColumn& feature : batch.features) feature.offsets = {0};
    for (std::size_t b = 0; b < kExamples; ++b) {
      for (std::uint64_t n = random.NextBelow(5); n > 0; --n) {
        for (const std::size_t f : {1, 3}) {
          batch.features[f].keys.push_back(100 + random.NextBelow(kItems - 10));
        }
      }
      for (FeatureColumn& feature : batch.features) {
        feature.offsets.push_back(static_cast<std::uint32_t>(feature.keys.size()));
      }
    }
    StepPlanner planner(&model.tables(), kCombiners, 2, 64, {.catalog = catalog});
    planner.Plan(batch, true, &plan);
    for (const TablePlan& table : plan.tables) {
      rows.emplace_back(table.keys.size() * table.dim);
      for (float& value : rows.back()) value = random.NextFloat() - 0.5F;
    }
    std::size_t floats = 0;
    for (const DenseBlockSpec& block : model.dense_blocks()) floats += block.size();
    dense.resize(floats);
    for (float& value : dense) value = random.NextFloat() - 0.5F;
  }
  std::vector<Key> catalog;
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

// Also of items that no example has: those behind the 40th.
TEST(CatalogCompute, GradientsOfRowsMatchDifferences) {
  for (const char* own : {"shared", "own"}) {
    const auto model = ModelOf(own);
    Sample sample(*model);
    ASSERT_EQ(sample.plan.tables.back().keys.size(), kItems) << own;
    const SliceBuffers buffers = Train(*model, sample, 2, 8);
    for (std::size_t t = 0; t < sample.rows.size(); ++t) {
      for (std::size_t i = 0; i < sample.rows[t].size(); i += 7) {
        constexpr float kStep = 1e-2F;
        const float kept = sample.rows[t][i];
        sample.rows[t][i] = kept + kStep;
        const double above = Train(*model, sample, 1, 70).loss_sum;
        sample.rows[t][i] = kept - kStep;
        const double below = Train(*model, sample, 1, 70).loss_sum;
        sample.rows[t][i] = kept;
        const double given = buffers.row_gradients[t][i];
        EXPECT_NE(given, 0) << own;
        EXPECT_NEAR((above - below) / (2 * kStep), given, 0.01 * std::abs(given) + 5e-3)
            << own << " table " << t << " " << i;
      }
    }
  }
}

// 70 parts are more than there are sums, 3 are fewer.
TEST(CatalogCompute, TheBitsDoNotDependOnThreadsAndPartsBarelyMatter) {
  const auto model = ModelOf("shared");
  const Sample sample(*model);
  const SliceBuffers whole = Train(*model, sample, 1, 100);
  for (const std::uint32_t part_examples : {1U, 30U}) {
    const SliceBuffers one = Train(*model, sample, 1, part_examples);
    for (const std::size_t threads : {2, 3}) {
      const SliceBuffers many = Train(*model, sample, threads, part_examples);
      EXPECT_EQ(one.scores, many.scores);
      EXPECT_EQ(one.loss_sum, many.loss_sum);
      EXPECT_EQ(one.dense_gradient, many.dense_gradient);
      EXPECT_EQ(one.row_gradients, many.row_gradients);
    }
    EXPECT_NEAR(one.loss_sum, whole.loss_sum, 1e-5 * whole.loss_sum);
    for (std::size_t i = 0; i < whole.row_gradients[0].size(); ++i) {
      EXPECT_NEAR(one.row_gradients[0][i], whole.row_gradients[0][i], 1e-4) << i;
    }
  }
}

}  // namespace
}  // namespace rookery
