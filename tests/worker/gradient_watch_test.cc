// What is warned of when rows' gradients are not numbers, or too large.
#include "worker/gradient_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace rookery {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

class GradientWatchTest : public ::testing::Test {
 protected:
  GradientWatchTest() {
    ModelSpec spec;
    spec.name = "fm";
    spec.dim = 2;
    spec.features = {{"site", {}}, {"ads", {}}};
    StatusOr<std::unique_ptr<Model>> model = MakeModel(spec);
    model_ = std::move(model).value();
    watch_ = std::make_unique<GradientWatch>(model_.get(), std::vector<std::string>{"site", "ads"},
                                             &progress_);
    batch_.examples = 3;
    batch_.labels = {0, 1, 0};
    batch_.features.resize(2);
    batch_.features[0].keys = {7, 8, 7};
    batch_.features[1].keys = {8, 9};  // of the first and the third example
    batch_.features[1].offsets = {0, 1, 1, 2};
  }

  // Trains once with the rows' weights at `weight`; the row of `odd` at `odd_weight`.
  void Train(float weight, Key odd, float odd_weight) {
    StepPlanner planner(&model_->tables(), {Combiner::kSum, Combiner::kSum}, 1, 64);
    planner.Plan(batch_, true, &plan_);
    ComputePool pool(2);
    StepCompute compute(model_.get(), {Combiner::kSum, Combiner::kSum}, &pool, 64, 1);
    (void)buffers_.RowSpans(plan_);
    const TablePlan& table = plan_.tables[0];
    for (std::size_t row = 0; row < table.keys.size(); ++row) {
      const float value = table.keys[row] == odd ? odd_weight : weight;
      std::fill_n(buffers_.rows[0].begin() + static_cast<std::ptrdiff_t>(row * table.dim),
                  table.dim, value);
    }
    compute.Train({batch_, plan_}, std::vector<float>(model_->dense_blocks().front().size()),
                  Step{4}, Slice{0}, &buffers_);
  }
  bool Suspects() { return GradientWatch::Suspects({batch_, plan_}, buffers_); }
  std::vector<std::string> Warnings() {
    watch_->Warn({batch_, plan_}, buffers_, 4, "clicks.csv, chunks 3 to 6");
    return progress_.Take().warnings;
  }

  WorkerProgress progress_{TaskKind::kBinary};
  std::unique_ptr<Model> model_;
  std::unique_ptr<GradientWatch> watch_;
  Batch batch_;
  StepPlan plan_;
  SliceBuffers buffers_;
};

TEST_F(GradientWatchTest, SaysNothingOfOrdinaryGradients) {
  Train(0.1F, 7, 0.2F);
  EXPECT_FALSE(Suspects());
  EXPECT_THAT(Warnings(), IsEmpty());
}

TEST_F(GradientWatchTest, NamesKeyFeaturesAndInput) {
  Train(0.1F, 7, 0.1F);
  const TablePlan& table = plan_.tables[0];
  const auto row =
      static_cast<std::size_t>(std::ranges::find(table.keys, Key{8}) - table.keys.begin());
  buffers_.row_gradients[0][row * table.dim + 1] = kNan;
  EXPECT_THAT(
      Warnings(),
      ElementsAre("step 4: table 'default' key 8 (features ads, site of 2 examples): gradient "
                  "element 1 is nan; read from clicks.csv, chunks 3 to 6"));
  buffers_.row_gradients[0][row * table.dim + 1] = 2e15F;  // 7e14 as a mean of 3
  EXPECT_THAT(Warnings(), IsEmpty());
  buffers_.row_gradients[0][row * table.dim + 1] = -4e15F;
  EXPECT_THAT(Warnings(), SizeIs(1));
}

// As if key 8 were in no example: what it has is behind the vectors of features.
TEST_F(GradientWatchTest, SaysThatARowIsOfTheCatalogAlone) {
  Train(0.1F, 7, 0.1F);
  const TablePlan& table = plan_.tables[0];
  const auto row =
      static_cast<std::size_t>(std::ranges::find(table.keys, Key{8}) - table.keys.begin());
  buffers_.row_gradients[0][row * table.dim] = kNan;
  OccurrenceIndex& index = plan_.occurrences[0];
  for (std::uint32_t i = index.offsets[row]; i < index.offsets[row + 1]; ++i) {
    index.entries[i].vector += 1000;
  }
  EXPECT_THAT(Warnings(), ElementsAre(HasSubstr("key 8 (an item of the catalog): gradient")));
}

TEST_F(GradientWatchTest, SeesWhatTheComputationMade) {
  Train(0.1F, 9, kNan);  // key 9 is in the third example, with key 7
  EXPECT_TRUE(Suspects());
  const std::vector<std::string> warnings = Warnings();
  ASSERT_THAT(warnings, SizeIs(2));
  for (const std::string& warning : warnings) EXPECT_THAT(warning, StartsWith("step 4: table"));
}

TEST_F(GradientWatchTest, CountsExamplesThatAreLeftOutAndSaysWhere) {
  watch_->LeftOut(1, 4, "a.csv, chunks 3 to 6");
  watch_->LeftOut(2, 5, "b.csv, chunks 0 to 1");
  const Heartbeat heartbeat = progress_.Take();
  EXPECT_EQ(heartbeat.refused_gradients, 3U);
  EXPECT_THAT(heartbeat.warnings,
              ElementsAre("step 4: the gradient of 1 example is not finite; left out; read from "
                          "a.csv, chunks 3 to 6",
                          "step 5: the gradient of 2 examples is not finite; left out; read from "
                          "b.csv, chunks 0 to 1"));
}

TEST_F(GradientWatchTest, IsSilentAfterTheFirstFew) {
  Train(0.1F, 9, kNan);
  std::size_t count = 0;
  for (int i = 0; i < 40; ++i) count += Warnings().size();
  EXPECT_EQ(count, 30);
}

}  // namespace
}  // namespace rookery
