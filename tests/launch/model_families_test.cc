// Every model, trained in mode sync by one worker and by several: the same bits at the end, and the
// same metrics.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "models/model.h"
#include "tests/launch/testing/cluster_run.h"

namespace rookery::testing {
namespace {

using Overrides = std::vector<std::string>;

constexpr const char* kJob = R"(
seed = 3
[data]
format = "csv"
train = ["train-*.csv"]
test = ["test.csv"]
chunk_examples = 16
shuffle_window = 128
column = [{name = "y", type = "label"},
          {name = "a", type = "categorical", space = "item"},
          {name = "b", type = "categorical"},
          {name = "c", type = "list", space = "item"},
          {name = "x", type = "numeric", transform = "standard"}]
[model]
hidden = [8]
dropout = 0.25
norm = "batch"
[table.default]
dim = 4
[train]
slices = 6
batch_size = 48
part_examples = 8
epochs = 2
[cluster]
threads = 1
heartbeat_every = "20ms"
)";

// What differs from the job above, for a model that asks for it.
Overrides OverridesOf(const std::string& model) {
  static const Overrides kSecondLabel = {
      "data.column.b.type=\"label\"",
      "data.column.b.positive=[\"b1\", \"b2\", \"b3\", \"b4\", \"b5\"]", "model.task_hidden=[4]",
      "model.experts=2"};
  static const std::map<std::string, Overrides> kOverrides = {
      {"mf",
       {"data.column.c.type=\"ignore\"", "data.column.x.type=\"ignore\"",
        "model.loss=\"squared\""}},
      {"neumf", {"data.column.c.tables=[\"mlp\"]"}},
      {"final_mlp", {"model.first_gate=\"a\"", "model.gate_hidden=[4]"}},
      {"autorec",
       {"data.column.x.type=\"ignore\"", "model.loss=\"squared\"", "model.target=\"a\""}},
      {"din", {"data.column.c.combiner=\"none\"", "model.target=\"a\""}},
      {"dien", {"data.column.c.combiner=\"none\"", "model.target=\"a\""}},
      // All of its phases: nine steps an epoch.
      {"dbn", {"model.hidden=[8, 6]", "model.pretrain_steps=4"}},
      {"shared_bottom", kSecondLabel},
      {"mmoe", kSecondLabel},
      {"ple", kSecondLabel},
      {"esmm", kSecondLabel},
  };
  Overrides overrides = {"model.name=\"" + model + "\""};
  const auto found = kOverrides.find(model);
  if (found != kOverrides.end()) {
    overrides.insert(overrides.end(), found->second.begin(), found->second.end());
  }
  return overrides;
}

// Of lines "user item item ...".
const std::set<std::string>& RankingModels() {
  static const std::set<std::string> kNames = {"bpr_mf", "popularity", "gru4rec",  "caser",
                                               "sasrec", "bert4rec",   "mult_vae", "two_tower"};
  return kNames;
}

Overrides RankingOverrides(const std::string& model) {
  return {"model.name=\"" + model + "\"",
          "data.format=\"sequence\"",
          "data.train=[\"train-*.txt\"]",
          "data.test=[\"test.txt\"]",
          "data.negatives=2",
          "data.max_length=6",
          "data.column=[{name = \"user\", type = \"categorical\"}, {name = \"item\", type = "
          "\"list\"}]",
          "model.attention_layers=1",
          "model.window=3"};
}

void WriteRows(FileSystem& files) {
  WriteText(files, "train-0.csv", ClickRows(300, 1));
  WriteText(files, "train-1.csv", ClickRows(150, 2));
  WriteText(files, "test.csv", ClickRows(200, 3));
  Random random(31, Purpose::kTest);
  std::string train[2], test;
  for (std::uint64_t user = 0; user < 90; ++user) {
    std::set<std::uint64_t> items;
    std::string line;
    while (items.size() < 8) {
      const std::uint64_t item = (user % 3) * 20 + random.NextBelow(20);
      if (!items.insert(item).second) continue;
      if (items.size() < 8) line += StrCat(" i", item);
      if (items.size() == 8) test += StrCat("u", user, " i", item, "\n");
    }
    train[user % 2] += StrCat("u", user, line, "\n");
  }
  WriteText(files, "train-0.txt", train[0]);
  WriteText(files, "train-1.txt", train[1]);
  WriteText(files, "test.txt", test);
}

struct End {
  std::string digest, test_metrics;
};

End Train(const std::string& model, const ClusterShape& cluster, const Overrides& more = {}) {
  MemoryFileSystem files;
  WriteRows(files);
  const bool ranks = RankingModels().contains(model);
  Overrides overrides = ranks ? RankingOverrides(model) : OverridesOf(model);
  overrides.insert(overrides.end(), more.begin(), more.end());
  const ClusterRun run = RunCluster(files, overrides, cluster, Resume::kNo, kJob);
  EXPECT_TRUE(run.status.ok()) << model << ": " << run.status.ToString();
  return {FinalDigest(files), WriteJson(run.Field("test"))};
}

class ModelFamilies : public ::testing::TestWithParam<std::string> {};

TEST_P(ModelFamilies, TheSameBitsFromOneAndFromThreeWorkers) {
  const End one = Train(GetParam(), {1, 1});
  const End three = Train(GetParam(), {2, 3});
  EXPECT_EQ(one.digest.size(), 32U) << one.digest;
  EXPECT_EQ(three.digest, one.digest);
  EXPECT_GT(one.test_metrics.size(), 20U) << one.test_metrics;
  EXPECT_EQ(three.test_metrics, one.test_metrics);
}

// All rows of items are pulled and pushed by every slice; negatives are not drawn.
TEST(FullSoftmax, TheSameBitsFromOneAndFromThreeWorkers) {
  for (const char* model : {"gru4rec", "caser", "sasrec", "bert4rec", "mult_vae"}) {
    for (const char* rows : {"shared", "own"}) {
      Overrides more = {"model.item_loss=\"full_softmax\"",
                        StrCat("model.item_rows=\"", rows, "\"")};
      const End one = Train(model, {1, 1}, more);
      more.emplace_back("data.negatives=7");
      const End three = Train(model, {2, 3}, more);
      EXPECT_EQ(one.digest.size(), 32U) << one.digest;
      EXPECT_EQ(three.digest, one.digest) << model << rows;
      EXPECT_EQ(three.test_metrics, one.test_metrics) << model << rows;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, ModelFamilies, ::testing::ValuesIn(ModelNames()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace rookery::testing
