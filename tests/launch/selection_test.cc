// `rookery prepare` choosing examples: the files it writes, jobs that read them, and mistakes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "io/posix_file_system.h"
#include "launch/selection/select_job.h"
#include "launch/selection/selection_arguments.h"
#include "launch/selection/selection_report.h"
#include "tests/data/testing/input_fixture.h"
#include "tests/launch/testing/cluster_run.h"

namespace rookery::testing {
namespace {

using ::testing::HasSubstr;
using Overrides = std::vector<std::string>;

constexpr const char* kRatingJob = R"(
seed = 3
[data]
format = "csv"
train = ["log.csv"]
header = true
column = [{name = "user", type = "categorical"}, {name = "item", type = "categorical"},
          {name = "stars", type = "label"}, {name = "time", type = "ignore"}]
[model]
name = "mf"
loss = "squared"
[table.default]
dim = 4
[train]
slices = 2
batch_size = 8
[cluster]
threads = 1
heartbeat_every = "20ms"
)";

constexpr const char* kLog =
    "time,note,user,item,stars\n"
    "30,\"a, b\",u1,i1,5\n"
    "10,,u1,i2,4\n"
    "20,,u1,i3,3\n"
    "20,again,u1,i3,1\n"
    "15,,u2,i1,2\n"
    "40,,u1,i4,3\n";

StatusOr<SelectionReport> Select(FileSystem& files, const char* toml,
                                 const SelectionArguments& arguments,
                                 const Overrides& overrides = {}) {
  ROOKERY_ASSIGN_OR_RETURN(const Job job, ParseJob(toml, "job.toml", overrides));
  SelectJobOptions options;
  options.output = "out";
  options.given = GivenOf(arguments);
  ROOKERY_ASSIGN_OR_RETURN(options.selection, SelectionOptionsOf(arguments));
  return SelectJob(files, job, options);
}

std::string TextOf(FileSystem& files, const std::string& path) {
  const StatusOr<std::string> text = ReadWholeFile(files, path, 1U << 30U);
  EXPECT_TRUE(text.ok()) << text.status().ToString();
  return text.ok() ? *text : "";
}

TEST(SelectJob, CopiesLinesAsTheyStand) {
  MemoryFileSystem files;
  testing::WriteText(files, "log.csv", kLog);
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
  testing::WriteText(files, "log.csv", kLog);
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
  testing::WriteText(files, "log.csv", "u1 a  b a c\nu2 c\nu3\nu4 b\tc c\n");
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
                                 std::pair(libsvm + model, "1 7:1 8:2 7:.5\n0\n1 9:1\n")}) {
    MemoryFileSystem files;
    testing::WriteText(files, "log.csv", log);
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
    testing::WriteText(files, "log.csv", log);
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
  testing::WriteText(files, "log.csv", log);
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
  testing::WriteText(files, "log.csv", kLog);
  const auto error = [&](const SelectionArguments& arguments) {
    return Select(files, kRatingJob, arguments).status().message();
  };
  const auto split = [](const char* how, const char* shares, const char* order = "",
                        const char* group = "") {
    SelectionArguments arguments;
    arguments.split = how;
    arguments.shares = shares;
    arguments.order = order;
    arguments.group = group;
    return arguments;
  };
  SelectionArguments arguments;
  for (const char* core : {"user", "user:0", "user:-1", "user:5,", ":5x"}) {
    arguments.core = core;
    EXPECT_THAT(error(arguments), HasSubstr("write COLUMN:COUNT")) << core;
  }
  for (const char* shares : {"0.8,0.1", "0.8,0.1,0.2", "0,0.5,0.5", "a,b,c", "1.2,-0.1,-0.1"}) {
    EXPECT_THAT(error(split("ratio", shares)), HasSubstr("which add up to 1")) << shares;
  }
  EXPECT_THAT(error(split("ratio", "")), HasSubstr("--split ratio needs --shares"));
  EXPECT_THAT(error(split("leave-one-out", "")), HasSubstr("needs --group"));
  EXPECT_THAT(error(split("leave-one-out", "1,0,0", "", "user")), HasSubstr("leave out --shares"));
  EXPECT_THAT(error(split("time", "1,0,0")), HasSubstr("needs --order"));
  EXPECT_THAT(error(split("time", "", "time")), HasSubstr("either --valid-from"));
  SelectionArguments unsplit = split("", "1,0,0");
  EXPECT_THAT(error(unsplit), HasSubstr("--shares needs --dedup, --core, --split or --sequence"));
  unsplit.dedup = "all";
  EXPECT_THAT(error(unsplit), HasSubstr("need --split"));
  EXPECT_THAT(error(split("", "", "time")), HasSubstr("--order needs --dedup"));
  EXPECT_THAT(error(split("time", "1,0,0", "when")), HasSubstr("no column is named \"when\""));
  SelectionArguments time = split("time", "", "time");
  time.test_from = "soon";
  EXPECT_THAT(error(time), HasSubstr("--test-from soon: write a number"));
  time.test_from = "10";
  time.valid_from = "11";
  EXPECT_THAT(error(time), HasSubstr("--valid-from 11 is later than --test-from 10"));
  time.valid_from.clear();
  time.group = "user";
  EXPECT_THAT(error(time), HasSubstr("a split of groups in time needs --shares"));
  SelectionArguments sequence;
  sequence.sequence = "user";
  EXPECT_THAT(error(sequence), HasSubstr("as in user,item"));
  EXPECT_FALSE(files.Exists("out"));
  ASSERT_TRUE(Select(files, kRatingJob, split("ratio", "1,0,0")).ok());
  EXPECT_THAT(error(split("ratio", "1,0,0")), HasSubstr("out: already exists"));
  EXPECT_FALSE(AsksForSelection({}));
}

// The numbers are those of a script of a few lines of Python without a line of ours in it.
TEST(SelectJob, MovieLensAsPapersPrepareIt) {
  if (RealData().empty()) GTEST_SKIP() << "ROOKERY_DATA: folder with the data sets absent";
  PosixFileSystem disk;
  const auto bytes = ReadWholeFile(disk, RealData() + "/ml-100k/u.data.gz", 1U << 30U);
  ASSERT_TRUE(bytes.ok()) << bytes.status().ToString();
  const Overrides as_tabs = {"data.header=false", "data.delimiter=\"\\t\""};
  struct Case {
    const char* core;
    int examples, users, items;
  };
  for (const Case& one :
       {Case{"user:5,item:5", 99287, 943, 1349}, Case{"user:10,item:10", 97953, 943, 1152},
        Case{"user:50,item:50", 69222, 513, 560}}) {
    MemoryFileSystem files;
    testing::WriteText(files, "log.csv", *bytes);
    SelectionArguments arguments;
    arguments.dedup = "user,item";
    arguments.core = one.core;
    arguments.split = "leave-one-out";
    arguments.group = "user";
    arguments.order = "time";
    const auto report = Select(files, kRatingJob, arguments, as_tabs);
    ASSERT_TRUE(report.ok()) << report.status().ToString();
    const auto json = ParseJson(SelectionJson(*report), "report");
    const JsonArray& columns = json->at("columns").as_array();
    EXPECT_EQ(json->at("examples").at("repeats").to_number<int>(), 0);
    EXPECT_EQ(json->at("examples").at("after").to_number<int>(), one.examples);
    EXPECT_EQ(columns[0].at("after").at("values").to_number<int>(), one.users);
    EXPECT_EQ(columns[1].at("after").at("values").to_number<int>(), one.items);
    EXPECT_EQ(report->test, static_cast<std::uint64_t>(one.users));
    EXPECT_EQ(report->train, static_cast<std::uint64_t>(one.examples - 2 * one.users));
    if (one.users != 943 || one.items != 1349) continue;
    int items = 0;
    std::istringstream lines(TextOf(files, "out/test.tsv"));
    for (std::string user, item, stars, time; lines >> user >> item >> stars >> time;) {
      items += std::stoi(item);
    }
    EXPECT_EQ(items, 443179);  // the sum of the ids in test
  }
  MemoryFileSystem files;
  testing::WriteText(files, "log.csv", *bytes);
  SelectionArguments arguments;
  arguments.split = "time";
  arguments.order = "time";
  arguments.shares = "0.8,0.1,0.1";
  const auto report = Select(files, kRatingJob, arguments, as_tabs);
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_EQ(report->train, 80003U);
  EXPECT_EQ(report->valid, 9997U);
  EXPECT_EQ(report->columns[0].vocabulary.UnseenIn(Part::kTest).values, 97U);
  EXPECT_EQ(report->columns[0].vocabulary.UnseenIn(Part::kTest).occurrences, 8582U);
}

}  // namespace
}  // namespace rookery::testing
