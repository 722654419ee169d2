// Jobs whose evaluation also has the AUC within groups.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "launch/prepare_job.h"
#include "tests/launch/testing/cluster_run.h"

namespace rookery::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using Overrides = std::vector<std::string>;

constexpr std::size_t kTestRows = 301;

void WriteInput(FileSystem& files) {
  WriteText(files, "train-0.csv", ClickRows(300, 1));
  WriteText(files, "valid.csv", ClickRows(90, 2));
  WriteText(files, "test.csv", ClickRows(kTestRows, 3));
}

// Of the test rows: how many values of the second cell have both labels.
std::size_t GroupsOfBothLabels() {
  std::map<std::string, std::set<char>> labels;
  std::istringstream rows(ClickRows(kTestRows, 3));
  for (std::string row; std::getline(rows, row);) {
    labels[row.substr(2, row.find(',', 2) - 2)].insert(row[0]);
  }
  return static_cast<std::size_t>(
      std::ranges::count_if(labels, [](const auto& group) { return group.second.size() == 2; }));
}

ClusterRun Train(FileSystem& files, Overrides overrides, const ClusterShape& cluster = {1, 1}) {
  WriteInput(files);
  overrides.insert(overrides.end(), {"data.valid=[\"valid.csv\"]", "data.test=[\"test.csv\"]"});
  return RunCluster(files, overrides, cluster);
}

TEST(Groups, TheSameOnAnyNumberOfServersAndWorkers) {
  std::string test;
  for (const ClusterShape& cluster : {ClusterShape{1, 1}, {2, 1}, {1, 2}, {2, 4}}) {
    MemoryFileSystem files;
    const ClusterRun run = Train(files, {"train.group=\"a\"", "data.chunk_examples=2"}, cluster);
    ASSERT_TRUE(run.status.ok()) << run.status.ToString();
    const std::string now = WriteJson(run.Field("test"));
    EXPECT_EQ(now, test.empty() ? now : test) << cluster.workers;
    test = now;
    const double gauc = run.Field("test").at("gauc").as_double();
    EXPECT_GT(gauc, 0.2);
    EXPECT_LT(gauc, 0.8);
    EXPECT_EQ(run.Field("test").at("gauc_groups").as_double(),
              static_cast<double>(GroupsOfBothLabels()));
    EXPECT_THAT(run.printed,
                Contains(HasSubstr(StrCat("gauc_groups ", GroupsOfBothLabels(), " "))));
    EXPECT_TRUE(run.Field("valid").as_object().contains("gauc"));
    EXPECT_FALSE(run.Field("train").as_object().contains("gauc"));
  }
}

TEST(Groups, AreThoseOfTheFeatureAndChangeNothingElse) {
  std::set<std::string> values;
  std::string digest;
  JsonObject rest;
  for (const char* group : {"a", "b", ""}) {
    MemoryFileSystem files;
    const ClusterRun run = Train(files, {StrCat("train.group=\"", group, "\"")});
    ASSERT_TRUE(run.status.ok()) << run.status.ToString();
    JsonObject test = run.Field("test").as_object();
    values.insert(test.contains("gauc") ? WriteJson(test.at("gauc")) : "");
    test.erase("gauc");
    test.erase("gauc_groups");
    EXPECT_TRUE(test == (rest.empty() ? test : rest)) << group;
    EXPECT_EQ(FinalDigest(files), digest.empty() ? FinalDigest(files) : digest) << group;
    rest = test;
    digest = FinalDigest(files);
  }
  EXPECT_EQ(values.size(), 3U);
  EXPECT_EQ(values.count(""), 1U);
}

TEST(Groups, ChooseTheBestEpoch) {
  MemoryFileSystem files;
  const ClusterRun run = Train(files, {"train.group=\"a\"", "train.metric=\"gauc\"",
                                       "train.keep_best=true", "train.epochs=3"});
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_GE(run.Count("best_epoch"), 1U);
  EXPECT_LE(run.Count("best_epoch"), 3U);
}

constexpr const char* kBlocksJob = R"(
[data]
format = "blocks"
train = ["out/train-*.blocks"]
test = ["out/test-*.blocks"]
[model]
name = "lr"
)";

TEST(Groups, OfPreparedFilesAreKnownOnceTheyAreOpen) {
  MemoryFileSystem files;
  WriteInput(files);
  const auto job = ParseJob(kClickJob, "job.toml", {"data.test=[\"test.csv\"]"});
  ASSERT_TRUE(job.ok()) << job.status().ToString();
  PrepareJobOptions options;
  options.output = "out";
  ASSERT_TRUE(PrepareJob(files, *job, options).ok());
  const auto train = [&files](const std::string& group) {
    return RunCluster(files, {StrCat("train.group=\"", group, "\"")}, {1, 1}, Resume::kNo,
                      kBlocksJob);
  };
  const ClusterRun run = train("a");
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_EQ(run.Field("test").at("gauc_groups").as_double(),
            static_cast<double>(GroupsOfBothLabels()));
  EXPECT_EQ(train("c").status.message(),
            "train.group = \"c\": is no feature with one key an example; known: a, b");
}

}  // namespace
}  // namespace rookery::testing
