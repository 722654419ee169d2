// The option train.unseen in whole jobs: items that only the test file has, told apart from those
// that were trained, against a reference over the predictions of an export.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <sstream>

#include "serving/exporter.h"
#include "serving/predictor.h"
#include "tests/launch/testing/cluster_run.h"

namespace rookery::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Overrides = std::vector<std::string>;

constexpr const char* kJob = R"(
seed = 3
[data]
format = "csv"
train = ["train.csv"]
test = ["test.csv"]
chunk_examples = 16
shuffle_window = 128
column = [{name = "y", type = "label"},
          {name = "item", type = "categorical"},
          {name = "tags", type = "list"},
          {name = "x", type = "numeric"}]
[model]
name = "deepfm"
hidden = [8]
[table.default]
dim = 4
learning_rate = 0.1
[train]
slices = 6
batch_size = 48
part_examples = 8
epochs = 3
unseen = ["item", "tags"]
[cluster]
threads = 1
heartbeat_every = "20ms"
)";

struct Row {
  int label = 0;
  std::string item;
  std::vector<std::string> tags;
  int x = 0;
};

// Items from `first` on and tags below `tags`; every ninth row has no item, every seventh no tag.
std::vector<Row> Draw(std::size_t count, std::uint64_t first, std::uint64_t tags,
                      std::uint64_t seed) {
  Random random(seed, Purpose::kTest);
  std::vector<Row> rows(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t item = first + random.NextBelow(40);
    if (i % 9 != 0) rows[i].item = StrCat("i", item);
    for (std::uint64_t t = i % 7 == 0 ? 2 : 0; t < 2; ++t) {
      rows[i].tags.push_back(StrCat("t", random.NextBelow(tags)));
    }
    rows[i].x = static_cast<int>(random.NextBelow(10));
    rows[i].label = (item + (random.NextBelow(6) == 0 ? 1 : 0)) % 2 == 0 ? 1 : 0;
  }
  return rows;
}

std::string TextOf(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) {
    std::string tags;
    for (const std::string& tag : row.tags) tags += (tags.empty() ? "" : "|") + tag;
    text += StrCat(row.label, ",", row.item, ",", tags, ",", row.x, "\n");
  }
  return text;
}

// Half of the test's items, and most of its tags, are in no line of the training file.
std::vector<Row> TrainRows() {
  return Draw(600, 0, 5, 1);
}
std::vector<Row> TestRows() {
  return Draw(300, 20, 40, 2);
}

void WriteInput(FileSystem& files) {
  WriteText(files, "train.csv", TextOf(TrainRows()));
  WriteText(files, "test.csv", TextOf(TestRows()));
}

ClusterRun Train(FileSystem& files, const Overrides& overrides = {},
                 const ClusterShape& cluster = {1, 1}, Resume resume = Resume::kNo) {
  const ClusterRun run = RunCluster(files, overrides, cluster, resume, kJob);
  EXPECT_TRUE(run.status.ok()) << run.status.ToString();
  return run;
}

double TestMetric(const ClusterRun& run, const std::string& name) {
  const Json test = run.Field("test");
  if (!test.is_object() || !test.as_object().contains(name)) return NAN;
  return test.as_object().at(name).to_number<double>();
}

// Scores of test.csv by an export of the last checkpoint.
std::vector<float> Predictions(FileSystem& files) {
  const std::string current = CurrentCheckpoint(files, "run/checkpoints").value();
  const auto checkpoint = CheckpointReader::Open(&files, current).value();
  ExportOptions options;
  options.directory = "out";
  options.model = ParseJob(kJob, "job.toml", {}).value().model;
  const auto exported = ExportModel(files, *checkpoint, options);
  EXPECT_TRUE(exported.ok()) << exported.status().ToString();
  const auto predictor = Predictor::Open(&files, "out").value();
  std::stringstream lines;
  const auto predicted =
      PredictFiles(&files, *predictor, {"test.csv"}, [&lines](std::string_view text) {
        lines << text;
        return OkStatus();
      });
  EXPECT_TRUE(predicted.ok()) << predicted.status().ToString();
  std::vector<float> scores;
  float score = 0, label = 0;
  while (lines >> score >> label) scores.push_back(score);
  return scores;
}

struct Reference {
  std::size_t examples = 0;
  double auc = 0, logloss = 0;
};

// In float64, pair by pair.
Reference ReferenceOf(const std::vector<Row>& rows, const std::vector<float>& scores,
                      const std::vector<bool>& chosen) {
  Reference reference;
  double pairs = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!chosen[i]) continue;
    ++reference.examples;
    reference.logloss -= std::log(rows[i].label == 1 ? scores[i] : 1.0 - scores[i]);
    for (std::size_t j = 0; j < rows.size(); ++j) {
      if (!chosen[j] || rows[i].label != 1 || rows[j].label != 0) continue;
      pairs += 1;
      reference.auc += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
    }
  }
  reference.logloss /= static_cast<double>(reference.examples);
  reference.auc /= pairs;
  return reference;
}

TEST(Unseen, CountsAndMetricsAreThoseOfTheRowsWithoutATrainedKey) {
  MemoryFileSystem files;
  WriteInput(files);
  const ClusterRun run = Train(files, {}, {2, 3});
  std::set<std::string> items, tags;
  for (const Row& row : TrainRows()) {
    items.insert(row.item);  // also the empty one: a value like others
    tags.insert(row.tags.begin(), row.tags.end());
  }
  const std::vector<Row> rows = TestRows();
  const std::vector<float> scores = Predictions(files);
  ASSERT_EQ(scores.size(), rows.size());
  const auto has_tag = [&tags](const std::string& tag) { return tags.contains(tag); };
  for (const std::string feature : {"item", "tags"}) {
    for (const bool seen : {false, true}) {
      std::vector<bool> chosen;
      for (const Row& row : rows) {
        chosen.push_back((feature == "item" ? items.contains(row.item)
                                            : std::ranges::any_of(row.tags, has_tag)) == seen);
      }
      const Reference expected = ReferenceOf(rows, scores, chosen);
      const std::string name = feature + (seen ? ":seen:" : ":unseen:");
      EXPECT_GT(expected.examples, 50U) << name;
      EXPECT_EQ(TestMetric(run, name + "examples"), static_cast<double>(expected.examples)) << name;
      EXPECT_NEAR(TestMetric(run, name + "auc"), expected.auc, 1e-6) << name;
      EXPECT_NEAR(TestMetric(run, name + "logloss"), expected.logloss, 1e-6) << name;
    }
  }
  EXPECT_GT(TestMetric(run, "item:seen:auc"), TestMetric(run, "item:unseen:auc") + 0.05);
  EXPECT_THAT(run.printed, Contains(StartsWith("test:  accuracy")));
  EXPECT_THAT(run.printed, Contains(StartsWith(StrCat(
                               "test, item:unseen, ",
                               static_cast<std::uint64_t>(TestMetric(run, "item:unseen:examples")),
                               " examples:  accuracy"))));
}

TEST(Unseen, TheSameBitsFromAnyNumberOfServersAndWorkers) {
  std::string expected;
  for (const ClusterShape& cluster : {ClusterShape{1, 1}, {1, 3}, {2, 1}, {2, 3}}) {
    MemoryFileSystem files;
    WriteInput(files);
    const std::string test = WriteJson(Train(files, {}, cluster).Field("test"));
    EXPECT_THAT(test, HasSubstr("tags:unseen:auc"));
    EXPECT_EQ(test, expected.empty() ? test : expected) << cluster.servers << cluster.workers;
    expected = test;
  }
}

// Of the wide and the deep table, of two labels, and with dense parameters on the servers.
TEST(Unseen, AlsoOfSeveralTablesAndLabels) {
  const std::vector<Overrides> kinds = {{"model.name=\"wide_deep\""},
                                        {"train.dense=\"server\"", "train.mode=\"async\""},
                                        {"model.name=\"mmoe\"", "data.column.x.type=\"label\"",
                                         "data.column.x.positive=[\"1\", \"2\", \"3\"]"}};
  for (const Overrides& kind : kinds) {
    MemoryFileSystem files;
    WriteInput(files);
    const ClusterRun run = Train(files, kind, {2, 1});
    const double all = 300;
    EXPECT_EQ(TestMetric(run, "item:unseen:examples") + TestMetric(run, "item:seen:examples"), all);
    EXPECT_EQ(TestMetric(run, "tags:unseen:examples") + TestMetric(run, "tags:seen:examples"), all);
    EXPECT_GT(TestMetric(run, "item:unseen:auc"), 0);
    EXPECT_EQ(std::isnan(TestMetric(run, "item:unseen:x:auc")), kind.size() < 3);
  }
}

TEST(Unseen, AGroupWithoutExamplesHasACountAlone) {
  MemoryFileSystem files;
  WriteInput(files);
  const ClusterRun run = Train(files, {"data.test=[\"train.csv\"]"}, {1, 2});
  const Json test = run.Field("test");
  std::size_t names = 0;
  for (const auto& [name, value] : test.as_object()) {
    EXPECT_FALSE(value.is_null()) << name;
    if (name.starts_with("item:unseen:")) ++names;
  }
  EXPECT_EQ(names, 1U);
  EXPECT_EQ(TestMetric(run, "item:unseen:examples"), 0);
  EXPECT_EQ(TestMetric(run, "item:seen:examples"), 600);
  EXPECT_EQ(TestMetric(run, "item:seen:auc"), TestMetric(run, "auc"));
}

// It is no part of what a checkpoint means, and changes nothing else.
TEST(Unseen, OffOrOnTheRestIsTheSame) {
  MemoryFileSystem without, files;
  WriteInput(without);
  WriteInput(files);
  const ClusterRun off = Train(without, {"train.unseen=[]"});
  const ClusterRun on = Train(files);
  EXPECT_EQ(FinalDigest(files), FinalDigest(without));
  EXPECT_THAT(off.summary, ::testing::Not(HasSubstr("seen:")));
  EXPECT_EQ(TestMetric(on, "auc"), TestMetric(off, "auc"));
  const ClusterRun later = Train(without, {}, {1, 1}, Resume::kLatest);
  EXPECT_EQ(WriteJson(later.Field("test")), WriteJson(on.Field("test")));
}

TEST(Unseen, RefusesWhatCannotBeTold) {
  MemoryFileSystem files;
  WriteInput(files);
  const auto refusal = [&files](const Overrides& overrides) {
    return RunCluster(files, overrides, {1, 1}, Resume::kNo, kJob).status.message();
  };
  EXPECT_EQ(refusal({"train.unseen=[\"x\"]"}),
            "--set train.unseen=[\"x\"]: train.unseen = [\"x\"]: 'x' is no categorical feature; "
            "known: item, tags");
  EXPECT_THAT(refusal({"data.format=\"sequence\"", "model.name=\"bpr_mf\"",
                       "data.column=[{name = \"user\", type = \"categorical\"}, {name = "
                       "\"item\", type = \"list\"}]",
                       "train.unseen=[\"item\"]"}),
              HasSubstr("is for examples that are scored"));
  EXPECT_EQ(refusal({"model.name=\"final_mlp\"", "data.column.tags.tables=[\"gates\"]",
                     "model.first_gate=\"item\""}),
            "train.unseen: no table of model 'final_mlp' has 'tags', so none of its keys has a "
            "row; leave it out");
}

}  // namespace
}  // namespace rookery::testing
