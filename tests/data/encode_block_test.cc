// AppendBlock beside Append: whole blocks must give the same batch as the examples one by one.
#include <gtest/gtest.h>

#include <cstring>

#include "common/random.h"
#include "data/feature_encoder.h"
#include "tests/data/testing/input_fixture.h"

namespace rookery {
namespace {

constexpr std::size_t kColumns = 8;

FittedSchema Mixed(bool missing) {
  FittedSchema fitted;
  if (missing) fitted.schema.missing = {"?", "7"};
  fitted.schema.columns = {
      MakeColumn("y", ColumnType::kLabel),          MakeColumn("log", ColumnType::kNumeric),
      MakeColumn("site", ColumnType::kCategorical), MakeColumn("scaled", ColumnType::kNumeric),
      MakeColumn("junk", ColumnType::kIgnore),      MakeColumn("tags", ColumnType::kList),
      MakeColumn("w", ColumnType::kWeight),         MakeColumn("unused", ColumnType::kNumeric)};
  fitted.schema.columns[1].transform = NumericTransform::kLog;
  fitted.schema.columns[3].transform = NumericTransform::kStandard;
  fitted.schema.columns[7].input = false;
  fitted.schema = *ResolveSchema(fitted.schema);
  fitted.statistics = {{30, 10, 0, 80}, {3, 2.5, 0, 9}, {1, 1, 0, 1}};
  return fitted;
}

// Rows of cells in one text, with room behind the last.
class Rows {
 public:
  void Add(std::vector<std::string> cells) {
    for (std::string& cell : cells) kept_.push_back(std::move(cell) + std::string(8, '5'));
  }
  [[nodiscard]] std::vector<std::string_view> cells() const {
    std::vector<std::string_view> views;
    for (const std::string& cell : kept_) {
      views.push_back(std::string_view(cell).substr(0, cell.size() - 8));
    }
    return views;
  }

 private:
  std::vector<std::string> kept_;
};

std::string RandomNumber(Random& random) {
  static constexpr const char* kOdd[] = {"",
                                         "0",
                                         "-0",
                                         "+3",
                                         "-5",
                                         "1.5",
                                         "1e3",
                                         "007",
                                         "7",
                                         "99999999",
                                         "100000000",
                                         ".5",
                                         "?",
                                         "4095",
                                         "4096",
                                         "-1.25",
                                         "123456789012345678"};
  if (random.NextBelow(2) == 0) return kOdd[random.NextBelow(std::size(kOdd))];
  std::string digits;
  for (std::uint64_t n = random.NextBelow(12) + 1; n > 0; --n) {
    digits += static_cast<char>('0' + random.NextBelow(10));
  }
  return digits;
}

std::vector<std::string> RandomRow(Random& random, bool missing) {
  const auto number = [&] {
    std::string text = RandomNumber(random);
    return text == "?" && !missing ? std::string() : text;
  };
  std::string tags;
  for (std::uint64_t n = random.NextBelow(4); n > 0; --n) tags += StrCat(n, "|");
  return {random.NextBelow(2) == 0 ? "0" : "1",
          number(),
          std::string(random.NextBelow(300), 's') + StrCat(random.NextBelow(5)),
          number(),
          "junk",
          tags,
          StrCat(random.NextBelow(3)),
          number()};
}

void ExpectSame(const Batch& a, const Batch& b) {
  EXPECT_EQ(a.examples, b.examples);
  EXPECT_EQ(a.labels, b.labels);
  EXPECT_EQ(a.weights, b.weights);
  ASSERT_EQ(a.numeric.size(), b.numeric.size());
  EXPECT_EQ(std::memcmp(a.numeric.data(), b.numeric.data(), a.numeric.size() * sizeof(float)), 0);
  for (std::size_t f = 0; f < a.features.size(); ++f) {
    EXPECT_EQ(a.features[f].keys, b.features[f].keys) << f;
    EXPECT_EQ(a.features[f].offsets, b.features[f].offsets) << f;
  }
}

TEST(EncodeBlock, GivesWhatTheExamplesGiveOneByOne) {
  for (const bool missing : {false, true}) {
    const FittedSchema fitted = Mixed(missing);
    FeatureEncoder encoder(&fitted, true);
    ASSERT_TRUE(encoder.encodes_blocks());
    Random random(5, Purpose::kTest);
    Batch single;
    Batch block;
    encoder.Clear(&single);
    encoder.Clear(&block);
    for (const std::size_t rows : {1U, 2U, 31U, 32U, 200U}) {
      Rows kept;
      for (std::size_t i = 0; i < rows; ++i) kept.Add(RandomRow(random, missing));
      const std::vector<std::string_view> cells = kept.cells();
      for (std::size_t i = 0; i < rows; ++i) {
        ASSERT_TRUE(encoder.Append(std::span(cells).subspan(i * kColumns, kColumns), &single))
            << encoder.error().what;
      }
      ASSERT_TRUE(encoder.AppendBlock(cells.data(), rows, &block)) << encoder.error().what;
      ExpectSame(single, block);
    }
  }
}

TEST(EncodeBlock, AWrongCellLeavesTheBatchAsItWas) {
  const FittedSchema fitted = Mixed(false);
  FeatureEncoder encoder(&fitted, true);
  const std::vector<std::string> good = {"1", "2", "a", "3", "", "b|c", "1", "4"};
  const std::vector<std::pair<std::size_t, std::string>> wrong = {
      {0, ""},  {0, "x"}, {1, "1a"}, {1, "12345678a"}, {1, "a2"},   {3, "nan"},
      {3, "/"}, {3, ":"}, {3, "-"},  {6, "-1"},        {7, "1e99"}, {7, "1 "}};
  for (const auto& [column, cell] : wrong) {
    Rows kept;
    for (int i = 0; i < 3; ++i) kept.Add(good);
    std::vector<std::string> bad = good;
    bad[column] = cell;
    kept.Add(bad);
    Batch expected;
    Batch batch;
    encoder.Clear(&expected);
    encoder.Clear(&batch);
    const std::vector<std::string_view> cells = kept.cells();
    ASSERT_TRUE(encoder.AppendBlock(cells.data(), 2, &expected));
    ASSERT_TRUE(encoder.AppendBlock(cells.data(), 2, &batch));
    EXPECT_FALSE(encoder.AppendBlock(cells.data() + 2 * kColumns, 2, &batch)) << cell;
    ExpectSame(expected, batch);
  }
}

}  // namespace
}  // namespace rookery
