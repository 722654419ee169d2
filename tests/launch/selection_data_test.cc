// `rookery prepare` choosing examples of public data; the folder is named by ROOKERY_DATA.
#include <gtest/gtest.h>

#include <sstream>

#include "common/json.h"
#include "io/posix_file_system.h"
#include "launch/selection/selection_report.h"
#include "tests/data/testing/input_fixture.h"
#include "tests/launch/testing/selection_run.h"

namespace rookery::testing {
namespace {

// The numbers are those of a script of a few lines of Python without a line of ours in it.
TEST(SelectData, MovieLensAsPapersPrepareIt) {
  if (RealData().empty()) GTEST_SKIP() << "ROOKERY_DATA: folder with the data sets absent";
  PosixFileSystem disk;
  const auto bytes = ReadWholeFile(disk, RealData() + "/ml-100k/u.data.gz", 1U << 30U);
  ASSERT_TRUE(bytes.ok()) << bytes.status().ToString();
  const std::vector<std::string> as_tabs = {"data.header=false", "data.delimiter=\"\\t\""};
  struct Case {
    const char* core;
    int examples, users, items;
  };
  for (const Case& one :
       {Case{"user:5,item:5", 99287, 943, 1349}, Case{"user:10,item:10", 97953, 943, 1152},
        Case{"user:50,item:50", 69222, 513, 560}}) {
    MemoryFileSystem files;
    WriteText(files, "log.csv", *bytes);
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
  WriteText(files, "log.csv", *bytes);
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
