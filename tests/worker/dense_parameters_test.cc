#include "worker/dense_parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace rookery {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

DenseSpec Spec(UpdaterKind kind) {
  DenseSpec spec;
  spec.blocks.push_back({.name = "w", .rows = 3, .columns = 1, .offset = 0, .initializer = {}});
  spec.updater.kind = kind;
  spec.updater.learning_rate.rate = 0.5F;
  return spec;
}

TEST(DenseParameters, AllreduceAppliesTheMeanGradient) {
  ComputePool pool(2);
  DenseParameters dense(Spec(UpdaterKind::kSgd), {1, 2, 3}, false, &pool);
  EXPECT_FALSE(dense.on_server());
  EXPECT_THAT(dense.pull_target(), IsEmpty());
  std::vector<float> sum = {4, 0, -8};
  ASSERT_TRUE(dense.Apply(sum, 4).ok());
  EXPECT_THAT(dense.values(), ElementsAre(0.5F, 2.0F, 4.0F));
  EXPECT_EQ(dense.State().step, 1U);
}

TEST(DenseParameters, AGradientThatIsNoNumberMovesNothingButCountsAsAStep) {
  ComputePool pool(2);
  DenseParameters dense(Spec(UpdaterKind::kAdam), {1, 2, 3}, false, &pool);
  std::vector<float> sum = {1, std::numeric_limits<float>::quiet_NaN(), 1};
  const Status refused = dense.Apply(sum, 2);
  EXPECT_EQ(refused.code(), Code::kCorrupt);
  EXPECT_THAT(refused.message(), HasSubstr("dense block 'w': gradient element 1 is"));
  EXPECT_THAT(dense.values(), ElementsAre(1, 2, 3));
  EXPECT_THAT(dense.State().state, ElementsAre(0, 0, 0, 0, 0, 0));
  EXPECT_EQ(dense.State().step, 1U);
}

TEST(DenseParameters, GoesOnFromASavedStateBitForBit) {
  ComputePool pool(2);
  DenseParameters dense(Spec(UpdaterKind::kAdam), {1, 2, 3}, false, &pool);
  std::vector<float> sum = {0.3F, -0.7F, 0.11F};
  ASSERT_TRUE(dense.Apply(sum, 3).ok());
  DenseParameters restored(Spec(UpdaterKind::kAdam), {0, 0, 0}, false, &pool);
  ASSERT_TRUE(restored.Restore(dense.State()).ok());
  for (DenseParameters* one : {&dense, &restored}) {
    std::vector<float> next = {0.9F, 0.2F, -0.4F};
    ASSERT_TRUE(one->Apply(next, 3).ok());
  }
  EXPECT_EQ(dense.State().weights, restored.State().weights);
  EXPECT_EQ(dense.State().state, restored.State().state);
  EXPECT_EQ(restored.State().step, 2U);
}

TEST(DenseParameters, OnServersItIsACopyThatAPullRefreshes) {
  ComputePool pool(2);
  DenseParameters dense(Spec(UpdaterKind::kAdam), {1, 2, 3}, true, &pool);
  ASSERT_EQ(dense.pull_target().size(), 3U);
  dense.pull_target()[1] = 9;
  EXPECT_THAT(dense.values(), ElementsAre(1, 9, 3));
  DenseState saved;
  saved.weights = {4, 5, 6};
  ASSERT_TRUE(dense.Restore(saved).ok());
  EXPECT_THAT(dense.values(), ElementsAre(4, 5, 6));
}

TEST(DenseParameters, RefusesAStateOfAnotherModel) {
  ComputePool pool(2);
  for (const bool on_server : {false, true}) {
    DenseParameters dense(Spec(UpdaterKind::kAdam), {1, 2, 3}, on_server, &pool);
    DenseState saved;
    saved.weights = {1, 2};
    EXPECT_EQ(dense.Restore(saved).ToString(),
              "corrupt: dense parameters: 2 floats, this model has 3");
    EXPECT_THAT(dense.values(), ElementsAre(1, 2, 3));
  }
}

TEST(DenseParameters, ThreadsDoNotMatter) {
  constexpr std::size_t kFloats = 200'001;  // pieces of different sizes
  DenseSpec spec = Spec(UpdaterKind::kAdam);
  spec.blocks[0].rows = kFloats;
  spec.updater.clip_norm = 3;
  const auto after = [&](std::size_t threads) {
    ComputePool pool(threads);
    DenseParameters dense(spec, std::vector<float>(kFloats, 0.1F), false, &pool);
    for (int step = 0; step < 3; ++step) {
      std::vector<float> sum(kFloats);
      for (std::size_t i = 0; i < kFloats; ++i) sum[i] = static_cast<float>(i % 97) - 40;
      EXPECT_TRUE(dense.Apply(sum, 7).ok());
    }
    return std::vector<float>(dense.values().begin(), dense.values().end());
  };
  for (const UpdaterKind kind : {UpdaterKind::kAdam, UpdaterKind::kLamb}) {
    spec.updater.kind = kind;
    const std::vector<float> alone = after(1);
    EXPECT_EQ(alone, after(3));
    EXPECT_NE(alone[0], 0.1F);
  }
}

}  // namespace
}  // namespace rookery
