// Whole jobs of models that read every row of a list.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/launch/testing/cluster_run.h"

namespace rookery::testing {
namespace {

using ::testing::HasSubstr;
using Overrides = std::vector<std::string>;

constexpr const char* kJob = R"(
seed = 3
[data]
format = "csv"
train = ["train.csv"]
test = ["test.csv"]
chunk_examples = 64
shuffle_window = 256
column = [{name = "y", type = "label"},
          {name = "item", type = "categorical"},
          {name = "history", type = "list", space = "item", combiner = "none"},
          {name = "hour", type = "categorical"}]
[model]
name = "din"
target = "item"
hidden = [16]
attention_hidden = [16]
[table.default]
dim = 8
updater = "adam"
learning_rate = 0.02
[dense]
updater = "adam"
learning_rate = 0.01
[train]
slices = 4
batch_size = 64
part_examples = 8
[cluster]
threads = 1
heartbeat_every = "20ms"
)";

// Items are of four kinds. A user did up to six things, of any kind, and clicks on an item if at
// least one was of its kind: no sum over the history that does not know the item can tell.
std::string Rows(std::size_t rows, std::uint64_t seed) {
  Random random(seed, Purpose::kTest);
  std::string text;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::uint64_t item = random.NextBelow(40);
    std::string history;
    bool click = false;
    for (std::uint64_t left = random.NextBelow(7); left > 0; --left) {
      const std::uint64_t other = random.NextBelow(40);
      click |= other % 4 == item % 4;
      history += StrCat(history.empty() ? "" : "|", "i", other);
    }
    text += StrCat(click ? 1 : 0, ",i", item, ",", history, ",h", random.NextBelow(24), "\n");
  }
  return text;
}

ClusterRun Train(MemoryFileSystem& files, const Overrides& overrides, const ClusterShape& cluster) {
  WriteText(files, "train.csv", Rows(3000, 1));
  WriteText(files, "test.csv", Rows(500, 2));
  return RunCluster(files, overrides, cluster, Resume::kNo, kJob);
}

double TestAuc(const Overrides& overrides) {
  MemoryFileSystem files;
  const ClusterRun run = Train(files, overrides, {1, 1});
  EXPECT_TRUE(run.status.ok()) << run.status.ToString();
  return run.Field("test").at("auc").to_number<double>();
}

TEST(Sequence, ElementsAreComparedWithTheTarget) {
  EXPECT_GT(TestAuc({"train.epochs=6"}), 0.9);
  EXPECT_GT(TestAuc({"train.epochs=6", "model.name=\"dien\""}), 0.85);
}

TEST(Sequence, TheSameBitsOnAnyNumberOfServersAndWorkers) {
  for (const char* model : {"din", "dien"}) {
    const Overrides overrides = {StrCat("model.name=\"", model, "\"")};
    MemoryFileSystem one, many;
    ASSERT_TRUE(Train(one, overrides, {1, 1}).status.ok());
    ASSERT_TRUE(Train(many, overrides, {3, 2}).status.ok());
    EXPECT_EQ(FinalDigest(one).size(), 32U);
    EXPECT_EQ(FinalDigest(one), FinalDigest(many)) << model;
  }
}

TEST(Sequence, MistakesAreRefusedBeforeTraining) {
  const auto refusal = [](const Overrides& overrides) {
    MemoryFileSystem files;
    const ClusterRun run = Train(files, overrides, {1, 1});
    EXPECT_EQ(run.status.code(), Code::kInvalidInput);
    return run.status.message();
  };
  EXPECT_THAT(refusal({"model.name=\"deepfm\""}),
              HasSubstr("list 'history' has combiner = \"none\" and model 'deepfm' reads no "
                        "sequences"));
  EXPECT_THAT(
      refusal({"model.target=\"day\""}),
      HasSubstr("model.target = 'day' of model 'din' is no feature with one key an example; "
                "known: item, hour"));
  EXPECT_THAT(refusal({"data.column.history.combiner=\"mean\""}),
              HasSubstr("has no list with combiner = \"none\""));
}

}  // namespace
}  // namespace rookery::testing
