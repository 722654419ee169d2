// Whole jobs whose input has a stretch of poison: numbers so large that the weights explode.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/launch/testing/cluster_run.h"

namespace rookery::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t kSteps = 400;
constexpr std::size_t kBatch = 16;
constexpr std::size_t kPoisonStep = 210;

constexpr const char* kJob = R"(
seed = 3
[data]
format = "csv"
train = ["train.csv"]
chunk_examples = 64
shuffle_window = 0
column = [{name = "y", type = "label"},
          {name = "a", type = "categorical"},
          {name = "x", type = "numeric"}]
[model]
name = "lr"
[table.default]
updater = "sgd"
learning_rate = 0.1
[dense]
updater = "sgd"
learning_rate = 0.1
[train]
slices = 2
batch_size = 16
divergence = 5
[cluster]
threads = 1
heartbeat_every = "20ms"
[checkpoint]
every_steps = 50
)";

void WriteInput(FileSystem& files, bool poisoned) {
  Random random(5, Purpose::kTest);
  std::string text;
  for (std::size_t i = 0; i < kSteps * kBatch; ++i) {
    const std::uint64_t a = random.NextBelow(50);
    const bool poison = poisoned && i / kBatch == kPoisonStep;
    text += StrCat(a % 2, ",a", a, ",", poison ? "1e7" : StrCat(random.NextFloat()), "\n");
  }
  WriteText(files, "train.csv", text);
}

ClusterRun Train(FileSystem& files, const std::vector<std::string>& overrides) {
  return RunCluster(files, overrides, {2, 2}, Resume::kNo, kJob);
}

TEST(Divergence, EndsTheJobAndSavesNothingOfIt) {
  MemoryFileSystem files;
  WriteInput(files, true);
  const ClusterRun run = Train(files, {});
  EXPECT_EQ(run.status.code(), Code::kDiverged) << run.status.ToString();
  EXPECT_THAT(run.status.message(), HasSubstr("more than 5 times the lowest"));
  EXPECT_THAT(run.status.message(),
              HasSubstr("the last checkpoint from before is run/checkpoints/00000003"));
  const auto current = CurrentCheckpoint(files, "run/checkpoints");
  ASSERT_TRUE(current.ok()) << current.status().ToString();
  EXPECT_EQ(*current, "run/checkpoints/00000004") << "of step 200, before the poison";
}

TEST(Divergence, RollsBackAndLeavesTheExamplesOut) {
  MemoryFileSystem files;
  WriteInput(files, true);
  const ClusterRun run = Train(files, {"train.rollbacks=1", "checkpoint.keep=1"});
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_EQ(run.Count("rollbacks"), 1U);
  EXPECT_EQ(run.Count("examples"), kSteps * kBatch);
  EXPECT_LT(run.Count("steps"), kSteps);
  EXPECT_EQ(FinalDigest(files).size(), 32U);
  std::vector<float> weights;
  const auto current = CurrentCheckpoint(files, "run/checkpoints");
  ASSERT_TRUE(current.ok());
  const auto reader = CheckpointReader::Open(&files, *current);
  ASSERT_TRUE(reader.ok());
  const StatusOr<DenseState> dense = (*reader)->ReadDense();
  ASSERT_TRUE(dense.ok());
  for (const float weight : dense->weights) EXPECT_LT(std::abs(weight), 10) << "healthy again";
}

TEST(Divergence, AHealthyJobIsLeftAlone) {
  MemoryFileSystem files;
  WriteInput(files, false);
  const ClusterRun run = Train(files, {"train.rollbacks=3"});
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_EQ(run.Count("rollbacks"), 0U);
  EXPECT_GE(run.Count("steps"), kSteps);
}

}  // namespace
}  // namespace rookery::testing
