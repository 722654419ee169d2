// Examples with several labels keep them, row by row, from the text to a batch.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "common/random.h"
#include "data/batch_builder.h"
#include "data/prepare.h"
#include "tests/data/testing/input_fixture.h"

namespace rookery {
namespace {

using ::testing::HasSubstr;

// click, item, x, buy: the second label behind the features.
Schema TwoLabels() {
  Schema schema;
  schema.columns = {MakeColumn("click", ColumnType::kLabel),
                    MakeColumn("item", ColumnType::kCategorical),
                    MakeColumn("x", ColumnType::kNumeric), MakeColumn("buy", ColumnType::kLabel)};
  schema.columns[3].positive = {"yes"};
  schema.columns[3].loss_weight = 0.25F;
  return schema;
}

TEST(SeveralLabels, AreReadInTheOrderOfTheColumnsAndMayBeAbsent) {
  const auto batch = ReadText(TwoLabels(), "1,a,3,yes\n0,b,4,no\n1,c,5,\n,d,6,yes\n");
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_EQ(batch->label_width, 2U);
  ASSERT_EQ(batch->labels.size(), 8U);
  EXPECT_EQ(std::vector<float>(batch->labels.begin(), batch->labels.begin() + 5),
            (std::vector<float>{1, 1, 0, 0, 1}));
  EXPECT_TRUE(std::isnan(batch->labels[5]) && std::isnan(batch->labels[6]));
  EXPECT_EQ(batch->labels[7], 1);
  EXPECT_EQ(batch->features[0].keys.size(), 4U);
  EXPECT_EQ(batch->numeric, (std::vector<float>{3, 4, 5, 6}));
  EXPECT_THAT(ErrorOf(TwoLabels(), "x,a,3,yes\n"), HasSubstr("column \"click\": \"x\" is not"));
  Schema one = TwoLabels();
  one.columns[3].type = ColumnType::kIgnore;
  EXPECT_THAT(ErrorOf(one, ",a,3,yes\n"), HasSubstr("the label is missing"));
}

TEST(SeveralLabels, HaveMeansOfTheirOwnThatAreSaved) {
  MemoryFileSystem files;
  WriteText(files, "a", "1,a,3,yes\n0,b,4,no\n1,c,5,\n1,d,6,no\n");
  const auto fitted = FitSchema(&files, *ResolveSchema(TwoLabels()), {{"a"}, 2, true}, 100);
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  EXPECT_EQ(fitted->label_means, (std::vector<double>{0.75, 1.0 / 3}));
  const std::string json = FittedSchemaToJson(*fitted);
  const auto again = FittedSchemaFromJson(json);
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(again->label_means, fitted->label_means);
  EXPECT_EQ(again->schema.columns[3].loss_weight, 0.25F);
  std::string fewer = json;
  fewer.replace(fewer.find("other_label_means"), 5, "OTHER");
  EXPECT_THAT(FittedSchemaFromJson(fewer).status().message(),
              HasSubstr("the means of 1 labels; there are 2"));
}

std::string Rows(std::size_t count) {
  Random random(5, Purpose::kTest);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text +=
        StrCat(random.NextBelow(2), ",i", i, ",", i, ",", random.NextBelow(2) ? "yes" : "no", "\n");
  }
  return text;
}

// x names the row that an example was read from.
void ExpectRowsOf(const Batch& all, const Batch& some) {
  ASSERT_EQ(some.labels.size(), 2 * some.examples);
  for (std::size_t i = 0; i < some.examples; ++i) {
    const auto row = static_cast<std::size_t>(some.numeric[i]);
    EXPECT_EQ(some.labels[2 * i], all.labels[2 * row]) << row;
    EXPECT_EQ(some.labels[2 * i + 1], all.labels[2 * row + 1]) << row;
  }
}

TEST(SeveralLabels, StayWithTheirRowsInBatches) {
  const auto all = ReadText(TwoLabels(), Rows(50));
  ASSERT_TRUE(all.ok()) << all.status().ToString();
  std::vector<std::uint32_t> order(50);
  for (std::uint32_t i = 0; i < 50; ++i) order[i] = i * 7 % 50;
  BatchBuilder builder(16);
  builder.AddBlock(Batch(*all), std::vector<std::uint32_t>(order));
  Batch batch;
  std::size_t batches = 0;
  for (; builder.Next(&batch); ++batches) ExpectRowsOf(*all, batch);
  EXPECT_EQ(batches, 3U);
  Batch reordered = *all;
  Batch scratch;
  ReorderRows(order.data(), 20, &reordered, &scratch);
  EXPECT_EQ(reordered.labels.size(), 40U);
  ExpectRowsOf(*all, reordered);
  TruncateBatch(3, &reordered);
  EXPECT_EQ(reordered.labels.size(), 6U);
}

TEST(SeveralLabels, ComeBackFromPreparedFiles) {
  MemoryFileSystem files;
  WriteText(files, "a", Rows(70) + ",i70,70,yes\n");
  const InputOptions input{{"a"}, 32, true};
  const auto fitted = FitSchema(&files, *ResolveSchema(TwoLabels()), input, 1000);
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  PrepareOptions options;
  options.input = input;
  options.prefix = "out";
  ASSERT_TRUE(PrepareFiles(files, *fitted, options).ok());
  const auto text = MakeInputReader(&files, &*fitted, input)->Read({0, 0, 1, 100});
  const auto blocks =
      MakeInputReader(&files, &*fitted, {{"out-00000.blocks"}, 32, true})->Read({0, 0, 1, 100});
  ASSERT_TRUE(text.ok() && blocks.ok()) << blocks.status().ToString();
  ASSERT_EQ(blocks->examples.examples, 71U);
  EXPECT_TRUE(std::isnan(blocks->examples.labels[140]));
  for (std::size_t i = 0; i < 140; ++i) {
    EXPECT_EQ(blocks->examples.labels[i], text->examples.labels[i]) << i;
  }
}

TEST(SeveralLabels, AreRefusedWhereALineHasOne) {
  Schema schema = TwoLabels();
  schema.format = InputFormat::kLibsvm;
  EXPECT_THAT(ResolveSchema(schema).status().message(), HasSubstr("a libsvm line has one"));
  schema = TwoLabels();
  schema.columns[3].loss_weight = -1;
  EXPECT_THAT(ResolveSchema(schema).status().message(), HasSubstr("loss_weight must be"));
}

}  // namespace
}  // namespace rookery
