// The words that choose examples: what they mean, and mistakes.
#include "launch/selection/selection_arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rookery {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

std::string ErrorOf(const SelectionArguments& arguments) {
  return SelectionOptionsOf(arguments).status().message();
}

SelectionArguments SplitOf(const char* how, const char* shares, const char* order = "",
                           const char* group = "") {
  SelectionArguments arguments;
  arguments.split = how;
  arguments.shares = shares;
  arguments.order = order;
  arguments.group = group;
  return arguments;
}

TEST(SelectionArguments, AreOptions) {
  SelectionArguments arguments = SplitOf("time", ".7,0.1,0.2", "when", "user");
  arguments.dedup = "user,item";
  arguments.dedup_keep = "last";
  arguments.core = "user:5,a:b:10";
  arguments.sequence = "u,i";
  const auto options = SelectionOptionsOf(arguments);
  ASSERT_TRUE(options.ok()) << options.status().ToString();
  EXPECT_THAT(options->dedup, ElementsAre("user", "item"));
  EXPECT_FALSE(options->dedup_lines);
  EXPECT_EQ(options->dedup_keep, Repeat::kLast);
  ASSERT_EQ(options->core.size(), 2U);
  EXPECT_EQ(options->core[1].column, "a:b");
  EXPECT_EQ(options->core[1].least, 10U);
  EXPECT_EQ(options->split, SplitKind::kTime);
  EXPECT_EQ(options->shares.valid, 0.1);
  EXPECT_EQ(options->shares.test, 0.2);
  EXPECT_EQ(options->group, "user");
  EXPECT_EQ(options->sequence_item, "i");
  EXPECT_THAT(GivenOf(SplitOf("ratio", "1,0,0")),
              ElementsAre(Pair("split", "ratio"), Pair("shares", "1,0,0")));
  EXPECT_FALSE(AsksForSelection({}));
}

TEST(SelectionArguments, MistakesAreNamed) {
  SelectionArguments arguments;
  for (const char* core : {"user", "user:0", "user:-1", "user:5,", ":5x"}) {
    arguments.core = core;
    EXPECT_THAT(ErrorOf(arguments), HasSubstr("write COLUMN:COUNT")) << core;
  }
  for (const char* shares : {"0.8,0.1", "0.8,0.1,0.2", "0,0.5,0.5", "a,b,c", "1.2,-0.1,-0.1"}) {
    EXPECT_THAT(ErrorOf(SplitOf("ratio", shares)), HasSubstr("which add up to 1")) << shares;
  }
  EXPECT_THAT(ErrorOf(SplitOf("ratio", "")), HasSubstr("--split ratio needs --shares"));
  EXPECT_THAT(ErrorOf(SplitOf("leave-one-out", "")), HasSubstr("needs --group"));
  EXPECT_THAT(ErrorOf(SplitOf("leave-one-out", "1,0,0", "", "user")),
              HasSubstr("leave out --shares"));
  EXPECT_THAT(ErrorOf(SplitOf("", "", "time")), HasSubstr("--order needs --dedup"));
  SelectionArguments unsplit = SplitOf("", "1,0,0");
  EXPECT_THAT(ErrorOf(unsplit), HasSubstr("--shares needs --dedup, --core, --split or --sequence"));
  unsplit.dedup = "all";
  EXPECT_THAT(ErrorOf(unsplit), HasSubstr("need --split"));
  SelectionArguments sequence;
  for (const char* columns : {"user", "user,", "user,user", "a,b,c"}) {
    sequence.sequence = columns;
    EXPECT_THAT(ErrorOf(sequence), HasSubstr("as in user,item")) << columns;
  }
}

TEST(SelectionArguments, MistakesOfTimeAreNamed) {
  EXPECT_THAT(ErrorOf(SplitOf("time", "1,0,0")), HasSubstr("needs --order"));
  EXPECT_THAT(ErrorOf(SplitOf("time", "", "time")), HasSubstr("either --valid-from"));
  SelectionArguments time = SplitOf("time", "", "time");
  time.test_from = "soon";
  EXPECT_THAT(ErrorOf(time), HasSubstr("--test-from soon: write a number"));
  time.test_from = "10";
  time.valid_from = "11";
  EXPECT_THAT(ErrorOf(time), HasSubstr("--valid-from 11 is later than --test-from 10"));
  time.valid_from.clear();
  EXPECT_TRUE(SelectionOptionsOf(time).ok());
  time.group = "user";
  EXPECT_THAT(ErrorOf(time), HasSubstr("a split of groups in time needs --shares"));
  time.group.clear();
  time.shares = "1,0,0";
  EXPECT_THAT(ErrorOf(time), HasSubstr("either --valid-from"));
}

}  // namespace
}  // namespace rookery
