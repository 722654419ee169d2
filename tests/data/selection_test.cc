// Selecting from text files: what is read, what is counted, and mistakes.
#include "data/selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/vocabulary.h"
#include "tests/data/testing/input_fixture.h"

namespace rookery {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Part kOut = Part::kNone, kTrain = Part::kTrain, kValid = Part::kValid,
               kTest = Part::kTest;

Schema Ratings() {
  Schema schema;
  schema.columns = {
      MakeColumn("user", ColumnType::kCategorical), MakeColumn("item", ColumnType::kCategorical),
      MakeColumn("stars", ColumnType::kLabel), MakeColumn("time", ColumnType::kIgnore)};
  schema.missing = {"?"};
  return *ResolveSchema(schema);
}

StatusOr<Selection> Select(const Schema& schema, const std::vector<std::string>& texts,
                           const SelectionOptions& options,
                           Compression compression = Compression::kNone) {
  MemoryFileSystem files;
  std::vector<std::string> paths;
  for (const std::string& text : texts) {
    paths.push_back(StrCat("in-", paths.size()));
    WriteText(files, paths.back(), text, compression);
  }
  return SelectExamples(&files, schema, paths, options);
}

Parts PartsOf(const Schema& schema, const std::vector<std::string>& texts,
              const SelectionOptions& options, Compression compression = Compression::kNone) {
  auto selection = Select(schema, texts, options, compression);
  EXPECT_TRUE(selection.ok()) << selection.status().ToString();
  return selection.ok() ? selection->parts : Parts();
}

TEST(Selection, RepeatsAreEqualValuesWhateverTheirQuotes) {
  SelectionOptions options;
  options.dedup = {"user", "item"};
  const std::vector<std::string> texts = {"a,b,1,1\n\"a\",b,2,2\n\na b,,1,3\n",
                                          "a, b ,3,4\na b,?,1,5\nab,,1,6\n"};
  for (const Compression compression :
       {Compression::kNone, Compression::kGzip, Compression::kZstd}) {
    EXPECT_EQ(PartsOf(Ratings(), texts, options, compression),
              (Parts{kTrain, kOut, kTrain, kOut, kOut, kTrain}));
  }
  options.dedup_keep = Repeat::kLast;
  EXPECT_EQ(PartsOf(Ratings(), texts, options), (Parts{kOut, kOut, kOut, kTrain, kTrain, kTrain}));
  options.order = "time";
  options.dedup_keep = Repeat::kFirst;
  EXPECT_EQ(PartsOf(Ratings(), {"a,b,1,7\na,b,2,2e0\na,b,2,-3\n"}, options),
            (Parts{kOut, kOut, kTrain}));
}

TEST(Selection, WholeLinesAreComparedAsTheyStand) {
  SelectionOptions options;
  options.dedup_lines = true;
  EXPECT_EQ(PartsOf(Ratings(), {"a,b,1,1\na, b,1,1\r\na,b,1,1\r\na,b,1,2"}, options),
            (Parts{kTrain, kTrain, kOut, kTrain}));
}

TEST(Selection, TheCoreCountsWhatDedupLeaves) {
  SelectionOptions options;
  options.core = {{"user", 2}};
  const std::vector<std::string> texts = {"a,x,1,1\na,x,1,2\nb,x,1,3\nb,y,1,4\n"};
  EXPECT_EQ(PartsOf(Ratings(), texts, options), (Parts{kTrain, kTrain, kTrain, kTrain}));
  options.dedup = {"user", "item"};
  const auto selection = Select(Ratings(), texts, options);
  ASSERT_TRUE(selection.ok());
  EXPECT_EQ(selection->parts, (Parts{kOut, kOut, kTrain, kTrain}));
  EXPECT_EQ(selection->repeats, 1U);
  EXPECT_EQ(selection->below_core, 1U);
}

TEST(Selection, SplitsByColumnsThatTheJobIgnores) {
  SelectionOptions options;
  options.split = SplitKind::kLeaveOneOut;
  options.group = "user";
  options.order = "time";
  const std::vector<std::string> texts = {"a,x,1,30\nb,x,1,1\na,y,1,10\n", "a,z,1,20\nb,y,1,2\n"};
  EXPECT_EQ(PartsOf(Ratings(), texts, options), (Parts{kTest, kTrain, kTrain, kValid, kTrain}));
  options.split = SplitKind::kTime;
  options.group.clear();
  options.test_from = 20;
  EXPECT_EQ(PartsOf(Ratings(), texts, options), (Parts{kTest, kTrain, kTrain, kTest, kTrain}));
}

TEST(Selection, AHeaderFindsTheColumns) {
  Schema schema = Ratings();
  schema.header = true;
  SelectionOptions options;
  options.split = SplitKind::kTime;
  options.order = "time";
  options.valid_from = 5;
  const std::string text = "time,x,item,user,stars\n7,?,i,u,1\n1,?,i,u,1\n";
  EXPECT_EQ(PartsOf(schema, {text, "\xEF\xBB\xBF" + text}, options),
            (Parts{kValid, kTrain, kValid, kTrain}));
  const auto error = [&](const std::vector<std::string>& texts) {
    return Select(schema, texts, options).status().message();
  };
  EXPECT_THAT(error({"item,user,stars\ni,u,1\n"}), HasSubstr("no column \"time\""));
  EXPECT_THAT(error({text, "x,time,item,user,stars\n?,7,i,u,1\n"}),
              HasSubstr("in-1:1: the header is not that of in-0"));
}

TEST(Selection, SequencesAreTakenItemByItem) {
  Schema schema;
  schema.format = InputFormat::kSequence;
  schema.columns = {MakeColumn("user", ColumnType::kCategorical),
                    MakeColumn("item", ColumnType::kList)};
  schema = *ResolveSchema(schema);
  SelectionOptions options;
  options.dedup = {"user", "item"};
  options.core = {{"item", 2}};
  // Line by line: a: x y x; b: (nothing); b: y z; a: y.
  EXPECT_EQ(PartsOf(schema, {"a x y  x\nb\nb y\tz \n a y\n"}, options),
            (Parts{kOut, kTrain, kOut, kTrain, kOut, kOut}));
}

TEST(Selection, PairsOfLibsvmAreComparedByIndex) {
  Schema schema;
  schema.format = InputFormat::kLibsvm;
  schema.columns = {MakeColumn("y", ColumnType::kLabel), MakeColumn("u", ColumnType::kCategorical),
                    MakeColumn("t", ColumnType::kNumeric)};
  schema = *ResolveSchema(schema);
  SelectionOptions options;
  options.dedup = {"u"};
  options.order = "t";
  options.dedup_keep = Repeat::kLast;
  EXPECT_EQ(PartsOf(schema, {"1 3:1 9:.5\n0 3:2 9:.25\n"}, options), (Parts{kTrain, kOut}));
}

TEST(Selection, SequencesKnowTheTextOfTheirValues) {
  SelectionOptions options;
  options.sequence_user = "user";
  options.sequence_item = "item";
  options.group = "user";
  options.split = SplitKind::kLeaveOneOut;
  const auto selection = Select(Ratings(), {"a,x,1,1\nb,x,1,2\na,\"y\",1,3\n"}, options);
  ASSERT_TRUE(selection.ok()) << selection.status().ToString();
  EXPECT_THAT(selection->users.texts, ElementsAre("a", "b"));
  EXPECT_THAT(selection->items.texts, ElementsAre("x", "y"));
  EXPECT_THAT(selection->users.values, ElementsAre(0, 1, 0));
  EXPECT_THAT(selection->items.values, ElementsAre(0, 0, 1));
  const auto error = [&](const std::string& text) {
    return Select(Ratings(), {text}, options).status().message();
  };
  EXPECT_THAT(error("a,x,1,1\na,b c,1,1\n"), HasSubstr("in-0:2:3: a value with a blank"));
  EXPECT_THAT(error("?,x,1,1\n"), HasSubstr("in-0:1:1: no value"));
}

TEST(Selection, MistakesAreNamed) {
  SelectionOptions options;
  options.order = "time";
  options.dedup_lines = true;
  const auto error = [&](const std::string& text) {
    return Select(Ratings(), {text}, options).status().ToString();
  };
  EXPECT_THAT(error("a,x,1,1\n\na,x,1,soon\n"),
              HasSubstr("in-0:3:7: \"soon\" in column \"time\"; --order needs a number"));
  EXPECT_THAT(error("a,x,1,?\n"), HasSubstr("in-0:1:7: \"\" in column \"time\""));
  EXPECT_THAT(error("a,x,1,nan\n"), HasSubstr("in-0:1:7"));
  EXPECT_THAT(error("a,x,1\n"), HasSubstr("in-0:1:6: 3 columns; the schema has 4"));
  EXPECT_THAT(error("a,\"x,1,1\n"), HasSubstr("in-0:1:3: the quote is never closed"));
  options.order.clear();
  options.core = {{"item", 9}};
  EXPECT_THAT(error("a,x,1,1\n"), HasSubstr("no example is left of 1; smaller counts in --core"));
  options.core = {{"itm", 2}};
  EXPECT_THAT(error("a,x,1,1\n"),
              HasSubstr("no column is named \"itm\"; the job has user, item, stars, time"));
}

TEST(Vocabulary, CountsByHand) {
  Vocabulary vocabulary;
  for (const auto& [value, part] : std::vector<std::pair<Key, Part>>{{1, kOut},
                                                                     {1, kTrain},
                                                                     {1, kTest},
                                                                     {2, kOut},
                                                                     {3, kTest},
                                                                     {3, kTest},
                                                                     {4, kTest},
                                                                     {5, kTrain},
                                                                     {5, kTrain},
                                                                     {5, kValid},
                                                                     {6, kTrain}}) {
    vocabulary.Add(value, part);
  }
  const ValueCounts before = vocabulary.Of(std::vector{kOut, kTrain, kValid, kTest});
  EXPECT_EQ(before.values, 6U);
  EXPECT_EQ(before.occurrences, 11U);
  EXPECT_EQ(before.least, 1U);
  EXPECT_EQ(before.median, 1.5);  // of 1 1 1 2 3 3
  EXPECT_EQ(before.most, 3U);
  EXPECT_EQ(before.once, 3U);
  const ValueCounts train = vocabulary.Of(std::vector{kTrain});
  EXPECT_EQ(train.values, 3U);
  EXPECT_EQ(train.median, 1);
  EXPECT_EQ(vocabulary.UnseenIn(kTest).values, 2U);
  EXPECT_EQ(vocabulary.UnseenIn(kTest).occurrences, 3U);
  EXPECT_EQ(vocabulary.UnseenIn(kValid).values, 0U);
  EXPECT_EQ(Vocabulary().Of(std::vector{kTrain}).values, 0U);
}

}  // namespace
}  // namespace rookery
