// Hand-written rows of every format.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/data/testing/input_fixture.h"

namespace rookery {
namespace {

Schema People() {
  Schema schema;
  schema.missing = {"?"};
  schema.skip_prefixes = {"|"};
  schema.columns = {
      MakeColumn("age", ColumnType::kNumeric), MakeColumn("job", ColumnType::kCategorical),
      MakeColumn("weight", ColumnType::kIgnore), MakeColumn("income", ColumnType::kLabel)};
  schema.columns[3].positive = {">50K", ">50K."};
  return schema;
}

TEST(Csv, ReadsCensusRowsWithJunkAndDottedLabels) {
  const auto batch = ReadText(People(),
                              "|1x3 Cross validator \n"
                              "25, Private, 226802, <=50K.\n"
                              "\n"
                              "38, ?, 89814, >50K.\r\n"
                              "?, State-gov, x, >50K");
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_EQ(batch->labels, (std::vector<float>{0, 1, 1}));
  EXPECT_EQ(batch->numeric, (std::vector<float>{25, 38, 31.5}));
  EXPECT_EQ(batch->features[0].keys, (std::vector<Key>{KeyIn("job", "Private"), KeyIn("job", ""),
                                                       KeyIn("job", "State-gov")}));
  EXPECT_TRUE(batch->features[0].offsets.empty());
}

TEST(Csv, Quotes) {
  const auto batch = ReadText(People(),
                              "1,\"a, \"\"b\"\"\",0,x\n"
                              " 2 , \" c \" ,0,x\n"
                              "3,\"\",\"0\",\">50K\"\n");
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_EQ(batch->features[0].keys,
            (std::vector<Key>{KeyIn("job", "a, \"b\""), KeyIn("job", " c "), KeyIn("job", "")}));
  EXPECT_EQ(batch->labels, (std::vector<float>{0, 0, 1}));
}

TEST(Csv, WideLinesSplitAtEveryPlace) {
  // Cells of every length around the 32 bytes that are looked at together.
  for (std::size_t length = 0; length < 70; ++length) {
    const std::string job(length, 'j');
    const auto batch = ReadText(People(), "7," + job + ",,>50K\n");
    ASSERT_TRUE(batch.ok()) << length << batch.status().ToString();
    EXPECT_EQ(batch->features[0].keys[0], KeyIn("job", job)) << length;
    EXPECT_EQ(batch->labels[0], 1) << length;
  }
}

TEST(Csv, HeaderNamesColumnsInAnyOrder) {
  Schema schema = People();
  schema.header = true;
  const auto batch =
      ReadText(schema, "\xEF\xBB\xBFincome,extra,job,age\n>50K,e,chef,44\nno,e,,45\n");
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_EQ(batch->labels, (std::vector<float>{1, 0}));
  EXPECT_EQ(batch->numeric, (std::vector<float>{44, 45}));
  EXPECT_EQ(batch->features[0].keys[0], KeyIn("job", "chef"));
  EXPECT_EQ(ErrorOf(schema, "income,job,agee\n1,2,3\n"),
            "invalid input: in.txt:1:1: the header has no column \"age\"; name the columns as "
            "[[data.column]] does");
  EXPECT_EQ(ErrorOf(schema, "income,job,age,job\n1,2,3,4\n"),
            "invalid input: in.txt:1:16: the header names column \"job\" twice; rename one");
}

TEST(Csv, ErrorsSayWhere) {
  EXPECT_EQ(ErrorOf(People(), "1,a,0,x\n2,a,0\n"),
            "invalid input: in.txt:2:6: 3 columns; the schema has 4");
  EXPECT_EQ(ErrorOf(People(), "1,a,0,x,y\n"),
            "invalid input: in.txt:1:9: 5 columns; the schema has 4");
  EXPECT_EQ(ErrorOf(People(), "\n\n  old,a,0,x\n"),
            "invalid input: in.txt:3:3: column \"age\": \"old\" is not a number; write one, or "
            "name it in data.missing if it means \"no value\"");
  EXPECT_EQ(ErrorOf(People(), "1,\"a\"b,0,x\n"),
            "invalid input: in.txt:1:6: text after the closing quote; double a quote inside a "
            "quoted cell");
  EXPECT_EQ(ErrorOf(People(), "1, \"a,0,x\n"),
            "invalid input: in.txt:1:4: the quote is never closed; close it on the same line, or "
            "set data.quote");
  EXPECT_EQ(ErrorOf(People(), "1,a,0,\n"),
            "invalid input: in.txt:1:7: column \"income\": the label is missing; every example "
            "needs one");
  Schema number = People();
  number.columns[3].positive.clear();
  EXPECT_EQ(ErrorOf(number, "1,a,0,1\n1,a,0,nan\n"),
            "invalid input: in.txt:2:7: column \"income\": \"nan\" is not a finite 32-bit number; "
            "write a finite one");
  EXPECT_EQ(ErrorOf(number, "inf,\"a\",0,1\n").substr(0, 28), "invalid input: in.txt:1:1: c");
  EXPECT_EQ(ErrorOf(number, "|\n\n"),
            "invalid input: in.txt: no example in it; every line is blank or skipped");
}

TEST(Csv, WithoutLabels) {
  const auto batch = ReadText(People(), "1,a,0\n2,b,0,>50K\n", false);
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_TRUE(std::isnan(batch->labels[0]));
  EXPECT_EQ(batch->labels[1], 1);
}

TEST(Csv, WeightColumn) {
  Schema schema = People();
  schema.columns[2].type = ColumnType::kWeight;
  const auto batch = ReadText(schema, "1,a,0.5,x\n2,b,,x\n");
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_EQ(batch->weights, (std::vector<float>{0.5, 1}));
  EXPECT_NE(ErrorOf(schema, "1,a,-1,x\n").find("in.txt:1:5: column \"weight\": weight -1 is neg"),
            std::string::npos);
}

TEST(Libsvm, ListOfAllPairs) {
  Schema schema;
  schema.format = InputFormat::kLibsvm;
  const auto batch = ReadText(schema,
                              "# a comment\n"
                              "-1 3:1 11:1 \n"
                              "+1 qid:4  7:0.5\t9:1 # tail 1:1\n"
                              "1\n");
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_EQ(batch->labels, (std::vector<float>{0, 1, 1}));
  EXPECT_EQ(batch->features[0].keys, (std::vector<Key>{3, 11, 7, 9}));
  EXPECT_EQ(batch->features[0].offsets, (std::vector<std::uint32_t>{0, 2, 4, 4}));
  EXPECT_EQ(batch->features[0].weights, (std::vector<float>{1, 1, 0.5, 1}));
}

TEST(Libsvm, LabelsKeepTheirSignUnlessTheyAreSigns) {
  Schema schema;
  schema.format = InputFormat::kLibsvm;
  EXPECT_EQ(ReadText(schema, "0 1:1\n1 1:1\n")->labels, (std::vector<float>{0, 1}));
  EXPECT_EQ(ReadText(schema, "-1 1:1\n2.5 1:1\n")->labels, (std::vector<float>{-1, 2.5}));
  EXPECT_EQ(ReadText(schema, "-1 1:1\n0 1:1\n1 1:1\n")->labels, (std::vector<float>{-1, 0, 1}));
}

TEST(Libsvm, PositionalColumns) {
  Schema schema;
  schema.format = InputFormat::kLibsvm;
  schema.columns = {MakeColumn("user", ColumnType::kCategorical),
                    MakeColumn("item", ColumnType::kCategorical),
                    MakeColumn("price", ColumnType::kNumeric)};
  schema.columns[1].key = KeyKind::kIdentity;
  const auto batch = ReadText(schema, "1 46:1 4346:2 9:3.5\n-1 47:1 4346:1 9:4\n");
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_EQ(batch->features[0].keys, (std::vector<Key>{KeyIn("user", "46"), KeyIn("user", "47")}));
  EXPECT_TRUE(batch->features[0].weights.empty());
  EXPECT_EQ(batch->features[1].keys, (std::vector<Key>{4346, 4346}));
  EXPECT_EQ(batch->features[1].weights, (std::vector<float>{2, 1}));
  EXPECT_EQ(batch->numeric, (std::vector<float>{3.5, 4}));
  EXPECT_EQ(ErrorOf(schema, "1 46:1 4346:1\n"),
            "invalid input: in.txt:1:14: 2 pairs; the schema has 3 columns besides the label");
  EXPECT_EQ(ErrorOf(schema, "1 46:1 4346:1 9:1 9:1\n"),
            "invalid input: in.txt:1:19: a pair too many; the schema has 3 columns besides the "
            "label");
}

TEST(Libsvm, IllFormedPairs) {
  Schema schema;
  schema.format = InputFormat::kLibsvm;
  for (const std::string pair : {"3", "3:", ":1", "a:1", "-3:1", "3.0:1"}) {
    EXPECT_EQ(ErrorOf(schema, "1 1:1\n1 2:1 " + pair + " 9:1\n"),
              "invalid input: in.txt:2:7: column \"features\": \"" + pair +
                  "\" is not a pair; write index:value, the index a whole number");
  }
  EXPECT_EQ(ErrorOf(schema, "1 2:1 3:x\n").substr(0, 52),
            "invalid input: in.txt:1:9: column \"features\": \"x\" is");
  EXPECT_NE(ErrorOf(schema, "3:1 4:1\n").find("in.txt:1:1: the line begins with a pair"),
            std::string::npos);
}

TEST(Criteo, BlanksAndNegativeIntegers) {
  Schema schema;
  schema.format = InputFormat::kCriteo;
  std::string line = "1\t-1\t\t7";
  for (int i = 4; i <= 13; ++i) line += "\t0";
  line += "\t68fd1e64";
  for (int i = 2; i <= 26; ++i) line += "\t";
  const auto batch = ReadText(schema, line + "\n" + line);
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_EQ(batch->examples, 2U);
  EXPECT_FLOAT_EQ(batch->numeric[0], -0.6931472F);
  EXPECT_EQ(batch->numeric[1], 0);  // no value in the file: mean 0
  EXPECT_FLOAT_EQ(batch->numeric[2], 2.0794415F);
  EXPECT_EQ(batch->features[0].keys[1], KeyIn("c1", "68fd1e64"));
  EXPECT_EQ(batch->features[25].keys[0], KeyIn("c26", ""));
  EXPECT_EQ(ErrorOf(schema, line + "\n" + line + "\tx\n").substr(0, 43),
            "invalid input: in.txt:2:63: 41 columns; the");
  EXPECT_EQ(ErrorOf(schema, "1\t2\tq" + line.substr(5) + "\n").substr(0, 47),
            "invalid input: in.txt:1:5: column \"i2\": \"q\" is ");
}

}  // namespace
}  // namespace rookery
