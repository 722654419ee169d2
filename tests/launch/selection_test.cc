// `rookery prepare` choosing examples: the files it writes, jobs that read them, and mistakes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "launch/prepare_job.h"
#include "launch/selection/selection_report.h"
#include "tests/launch/testing/cluster_run.h"
#include "tests/launch/testing/selection_run.h"

namespace rookery::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kLog =
    "time,note,user,item,stars\n"
    "30,\"a, b\",u1,i1,5\n"
    "10,,u1,i2,4\n"
    "20,,u1,i3,3\n"
    "20,again,u1,i3,1\n"
    "15,,u2,i1,2\n"
    "40,,u1,i4,3\n";

TEST(SelectJob, CopiesLinesAsTheyStand) {
  MemoryFileSystem files;
  WriteText(files, "log.csv", kLog);
  SelectionArguments arguments;
  arguments.dedup = "user,item";
  arguments.split = "leave-one-out";
  arguments.group = "user";
  arguments.order = "time";
  arguments.sequence = "user,item";
  const auto report = Select(files, kRatingJob, arguments);
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  const std::string header = "time,note,user,item,stars\n";
  EXPECT_EQ(TextOf(files, "out/train.csv"), header + "10,,u1,i2,4\n20,,u1,i3,3\n15,,u2,i1,2\n");
  EXPECT_EQ(TextOf(files, "out/valid.csv"), header + "30,\"a, b\",u1,i1,5\n");
  EXPECT_EQ(TextOf(files, "out/test.csv"), header + "40,,u1,i4,3\n");
  EXPECT_EQ(TextOf(files, "out/train.sequence"), "u1 i2 i3\nu2 i1\n");
  EXPECT_EQ(TextOf(files, "out/test.sequence"), "u1 i4\n");
  EXPECT_FALSE(files.Exists("out.tmp"));
  EXPECT_EQ(report->repeats, 1U);
  EXPECT_EQ(report->train + report->valid + report->test, 5U);
}

TEST(SelectJob, ReportsTheVocabulary) {
  MemoryFileSystem files;
  WriteText(files, "log.csv", kLog);
  SelectionArguments arguments;
  arguments.core = "user:2";
  arguments.split = "time";
  arguments.order = "time";
  arguments.test_from = "30";
  const auto report = Select(files, kRatingJob, arguments);
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  const auto json = ParseJson(TextOf(files, "out/report.json"), "report.json");
  ASSERT_TRUE(json.ok()) << json.status().ToString();
  const JsonObject& object = json->as_object();
  EXPECT_EQ(object.at("options").at("core").as_string(), "user:2");
  EXPECT_EQ(object.at("options").at("seed").as_string(), "3");
  EXPECT_EQ(object.at("examples").at("below_core").to_number<int>(), 1);
  EXPECT_EQ(object.at("sets").at("test").to_number<int>(), 2);
  const JsonObject& item = object.at("columns").as_array()[1].as_object();
  EXPECT_EQ(item.at("name").as_string(), "item");
  EXPECT_EQ(item.at("before").at("values").to_number<int>(), 4);
  EXPECT_EQ(item.at("before").at("occurrences").to_number<int>(), 6);
  EXPECT_EQ(item.at("after").at("once").to_number<int>(), 3);
  EXPECT_EQ(item.at("train").at("values").to_number<int>(), 2);
  EXPECT_EQ(item.at("test").at("unseen_values").to_number<int>(), 2);  // i1 and i4
  EXPECT_FALSE(item.contains("valid"));
  const std::string text = SelectionText(*report);
  EXPECT_THAT(text, HasSubstr("6 examples: 0 repeats and then 1 below the core left out; train 3, "
                              "valid 0, test 2"));
  EXPECT_THAT(text, HasSubstr("100.00 %"));
  EXPECT_FALSE(files.Exists("out/valid.csv"));
}

TEST(SelectJob, SequencesLoseItemsAndThenLines) {
  MemoryFileSystem files;
  WriteText(files, "log.csv", "u1 a  b a c\nu2 c\nu3\nu4 b\tc c\n");
  SelectionArguments arguments;
  arguments.dedup = "all";
  arguments.core = "user:2,item:2";
  const char* const toml = R"(
[data]
format = "sequence"
train = ["log.csv"]
column = [{name = "user", type = "categorical"}, {name = "item", type = "list"}]
[model]
name = "bpr_mf"
)";
  const auto report = Select(files, toml, arguments);
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_EQ(TextOf(files, "out/train.txt"), "u1 b c\nu4 b c\n");
  EXPECT_EQ(report->repeats, 2U);
  EXPECT_EQ(report->below_core, 2U);
  arguments.order = "item";
  EXPECT_THAT(Select(files, toml, arguments).status().message(), HasSubstr("leave out --order"));
  arguments.order.clear();
  arguments.sequence = "user,item";
  EXPECT_THAT(Select(files, toml, arguments).status().message(), HasSubstr("lines are such"));
}

TEST(SelectJob, ListsAreCountedValueByValue) {
  const std::string model = "[model]\nname = \"lr\"\n";
  const std::string csv = R"(
[data]
format = "csv"
train = ["log.csv"]
column = [{name = "y", type = "label"}, {name = "tags", type = "list"}]
)";
  const std::string libsvm = "[data]\nformat = \"libsvm\"\ntrain = [\"log.csv\"]\n";
  for (const auto& [job, log] : {std::pair(csv + model, "1,a|b||a\n0,\n1,c\n"),
                                 std::pair(libsvm + model, "1 7:1\t8:2 7:.5\n0\n1 9:1\n")}) {
    MemoryFileSystem files;
    WriteText(files, "log.csv", log);
    SelectionArguments arguments;
    arguments.dedup = "all";
    const auto report = Select(files, job.c_str(), arguments);
    ASSERT_TRUE(report.ok()) << report.status().ToString();
    const ValueCounts counts =
        report->columns.at(0).vocabulary.Of(std::vector{Part::kTrain, Part::kNone});
    EXPECT_EQ(counts.values, 3U);
    EXPECT_EQ(counts.occurrences, 4U);
    EXPECT_EQ(
        TextOf(files, report->files.at(0).name == "train.csv" ? "out/train.csv" : "out/train.txt"),
        log);
  }
}

TEST(SelectJob, TheSameSeedSplitsTheSameWay) {
  std::string first;
  for (const char* seed : {"seed=3", "seed=3", "seed=4"}) {
    MemoryFileSystem files;
    std::string log = "time,user,item,stars\n";
    for (int i = 0; i < 200; ++i) log += StrCat(i, ",u", i % 10, ",i", i % 7, ",3\n");
    WriteText(files, "log.csv", log);
    SelectionArguments arguments;
    arguments.split = "ratio";
    arguments.shares = "0.8,0.1,0.1";
    arguments.group = "user";
    const auto report = Select(files, kRatingJob, arguments, {seed});
    ASSERT_TRUE(report.ok()) << report.status().ToString();
    EXPECT_EQ(report->test, 20U);
    const std::string test = TextOf(files, "out/test.csv");
    if (first.empty()) first = test;
    EXPECT_EQ(test == first, std::string(seed) == "seed=3");
  }
}

TEST(SelectJob, WhatIsWrittenIsTrainedOn) {
  MemoryFileSystem files;
  std::string log = "user,item,stars,time\n";
  for (int i = 0; i < 300; ++i)
    log += StrCat("u", i % 30, ",i", i * 7 % 40, ",", i % 5, ",", i, "\n");
  WriteText(files, "log.csv", log);
  SelectionArguments arguments;
  arguments.core = "user:5,item:5";
  arguments.split = "leave-one-out";
  arguments.group = "user";
  arguments.order = "time";
  ASSERT_TRUE(Select(files, kRatingJob, arguments).ok());
  const ClusterRun run =
      RunCluster(files,
                 {"data.train=[\"out/train.csv\"]", "data.valid=[\"out/valid.csv\"]",
                  "data.test=[\"out/test.csv\"]"},
                 {1, 1}, Resume::kNo, kRatingJob);
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_EQ(run.Count("examples"), 240U);
}

TEST(SelectJob, MistakesAreNamed) {
  MemoryFileSystem files;
  WriteText(files, "log.csv", kLog);
  SelectionArguments arguments;
  arguments.dedup = "when";
  EXPECT_THAT(Select(files, kRatingJob, arguments).status().message(),
              HasSubstr("no column is named \"when\""));
  EXPECT_FALSE(files.Exists("out"));
  arguments.dedup = "user";
  ASSERT_TRUE(Select(files, kRatingJob, arguments).ok());
  EXPECT_THAT(Select(files, kRatingJob, arguments).status().message(),
              HasSubstr("out: already exists"));
  ASSERT_TRUE(files.RemoveTree("out").ok());
  const char* const blocks_job =
      "[data]\nformat = \"blocks\"\ntrain = [\"x\"]\n[model]\nname = \"lr\"\n";
  EXPECT_THAT(Select(files, blocks_job, arguments).status().message(), HasSubstr("have no lines"));
  const auto job = ParseJob(kRatingJob, "job.toml", {});
  PrepareJobOptions prepare;
  prepare.output = "blocks";
  ASSERT_TRUE(PrepareJob(files, *job, prepare).ok());
  EXPECT_THAT(Select(files, kRatingJob, arguments, {"data.train=[\"blocks/train-00000.blocks\"]"})
                  .status()
                  .message(),
              HasSubstr("blocks/train-00000.blocks: a prepared file; name the text"));
}

TEST(SelectJob, TheDirectoryIsThereWholeOrNotAtAll) {
  SelectionArguments arguments;
  arguments.core = "user:2";
  arguments.split = "leave-one-out";
  arguments.group = "user";
  arguments.sequence = "user,item";
  const std::vector<std::string> names = {"out/train.csv", "out/valid.csv", "out/test.csv",
                                          "out/train.sequence", "out/report.json"};
  std::vector<std::string> whole;
  {
    MemoryFileSystem files;
    WriteText(files, "log.csv", kLog);
    ASSERT_TRUE(Select(files, kRatingJob, arguments).ok());
    for (const std::string& name : names) whole.push_back(TextOf(files, name));
  }
  std::uint64_t failed = 0;
  for (const CrashNames crash : {CrashNames::kOnlySynced, CrashNames::kAll}) {
    bool done = false;
    for (std::uint64_t call = 1; !done; ++call) {
      MemoryFileSystem files;
      WriteText(files, "log.csv", kLog);
      files.StopAt(call);
      done = Select(files, kRatingJob, arguments).ok();
      files.Crash(crash);
      EXPECT_TRUE(files.Exists("out") || !done);
      if (!done) ++failed;
      if (!files.Exists("out")) continue;
      for (std::size_t i = 0; i < names.size(); ++i) EXPECT_EQ(TextOf(files, names[i]), whole[i]);
    }
  }
  EXPECT_GT(failed, 60U);
}

}  // namespace
}  // namespace rookery::testing
