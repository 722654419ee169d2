// Cells of many numbers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/prepare.h"
#include "tests/data/testing/input_fixture.h"

namespace rookery {
namespace {

using ::testing::HasSubstr;

Schema WithVector() {
  Schema schema;
  schema.columns = {MakeColumn("y", ColumnType::kLabel), MakeColumn("x", ColumnType::kNumeric),
                    MakeColumn("image", ColumnType::kVector),
                    MakeColumn("z", ColumnType::kNumeric)};
  schema.columns[1].transform = NumericTransform::kMinMax;
  schema.columns[2].dim = 3;
  return schema;
}

constexpr const char* kText = "1,10,0.5|-1|2e3,7\n0,20,,8\n1,15,1|2|3,9\n";

TEST(Vector, ItsNumbersAreInputsBetweenThoseOfOtherColumns) {
  EXPECT_EQ(LayoutOf(*ResolveSchema(WithVector())).numeric,
            (std::vector<std::string>{"x", "image.0", "image.1", "image.2", "z"}));
  const auto batch = ReadText(WithVector(), kText);
  ASSERT_TRUE(batch.ok()) << batch.status().ToString();
  EXPECT_EQ(batch->numeric_width, 5U);
  EXPECT_EQ(batch->numeric,
            (std::vector<float>{0, 0.5F, -1, 2000, 7, 1, 0, 0, 0, 8, 0.5F, 1, 2, 3, 9}));
}

TEST(Vector, ComesBackFromPreparedFilesAndJson) {
  MemoryFileSystem files;
  WriteText(files, "a", kText);
  const InputOptions input{{"a"}, 2, true};
  const auto fitted = FitSchema(&files, *ResolveSchema(WithVector()), input, 100);
  ASSERT_TRUE(fitted.ok()) << fitted.status().ToString();
  EXPECT_EQ(fitted->statistics.size(), 2U);
  EXPECT_EQ(fitted->statistics[1].mean, 8);
  const auto again = FittedSchemaFromJson(FittedSchemaToJson(*fitted));
  ASSERT_TRUE(again.ok()) << again.status().ToString();
  EXPECT_EQ(again->schema.columns[2].dim, 3U);
  PrepareOptions options;
  options.input = input;
  options.prefix = "out";
  ASSERT_TRUE(PrepareFiles(files, *fitted, options).ok());
  const auto text = MakeInputReader(&files, &*fitted, input)->Read({0, 0, 1, 100});
  const auto blocks =
      MakeInputReader(&files, &*fitted, {{"out-00000.blocks"}, 2, true})->Read({0, 0, 1, 100});
  ASSERT_TRUE(text.ok() && blocks.ok()) << blocks.status().ToString();
  EXPECT_EQ(blocks->examples.numeric, text->examples.numeric);
}

TEST(Vector, RefusesOtherLengthsWordsAndNames) {
  EXPECT_THAT(ErrorOf(WithVector(), "1,1,1|2,3\n"), HasSubstr("2 numbers; a vector with dim = 3"));
  EXPECT_THAT(ErrorOf(WithVector(), "1,1,1|2|3|4,3\n"), HasSubstr("4 numbers"));
  EXPECT_THAT(ErrorOf(WithVector(), "1,1,1|x|3,3\n"), HasSubstr("\"x\" is not a number"));
  EXPECT_THAT(ErrorOf(WithVector(), "1,1,1||3,3\n"), HasSubstr("is not a number"));
  Schema schema = WithVector();
  schema.columns[2].dim = 0;
  EXPECT_THAT(ResolveSchema(schema).status().message(), HasSubstr("a vector needs dim"));
  schema = WithVector();
  schema.columns[3].name = "image.1";
  EXPECT_THAT(ResolveSchema(schema).status().message(), HasSubstr("\"image.1\": the name is used"));
  schema = WithVector();
  schema.format = InputFormat::kLibsvm;
  EXPECT_THAT(ResolveSchema(schema).status().message(), HasSubstr("no vectors"));
}

}  // namespace
}  // namespace rookery
