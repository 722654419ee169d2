// An export of a model of two labels: golden rows, predictions and what its files say of them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/json.h"
#include "io/memory_file_system.h"
#include "serving/exporter.h"
#include "serving/golden_rows.h"
#include "serving/predictor.h"
#include "serving/verify_export.h"
#include "tests/serving/testing/small_checkpoint.h"

namespace rookery {
namespace {

using ::testing::HasSubstr;

class SeveralLabelsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Schema schema = SmallCsvSchema();
    schema.columns[5].type = ColumnType::kLabel;
    schema.columns[5].positive = {"job1"};
    SmallCheckpoint checkpoint(&files_, "run", schema, SmallCsvText(), SmallModel("mmoe"));
    ASSERT_FALSE(HasFatalFailure());
    ExportOptions options;
    options.directory = "out";
    options.model = checkpoint.model_spec;
    options.golden_files = {checkpoint.data()};
    const auto summary = ExportModel(files_, *checkpoint.reader, options);
    ASSERT_TRUE(summary.ok()) << summary.status().ToString();
    auto opened = Predictor::Open(&files_, "out");
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    predictor_ = *std::move(opened);
  }
  std::string Read(const std::string& name) {
    return ReadWholeFile(files_, "out/" + name, 1U << 30U).value();
  }

  MemoryFileSystem files_;
  std::unique_ptr<Predictor> predictor_;
};

TEST_F(SeveralLabelsTest, GoldenRowsHaveAScoreOfEach) {
  const auto report = VerifyExport(&files_, "out");
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_EQ(report->golden_rows, 64U);
  EXPECT_EQ(report->score_difference_max, 0);
  const auto golden = ParseJson(Read("golden.json"), "golden");
  ASSERT_TRUE(golden.ok());
  const JsonArray& rows = golden->as_object().at("rows").as_array();
  EXPECT_EQ(rows[0].as_object().at("score").as_array().size(), 2U);
  std::string other = Read("golden.json");
  const std::size_t at = other.find("\"score\":[0.") + 11;
  other[at] = other[at] == '1' ? '2' : '1';
  Batch batch = *ReadExamples(&files_, predictor_->schema().fitted, "out/golden.data");
  std::vector<float> scores(2 * batch.examples);
  ASSERT_TRUE(predictor_->Score(batch, scores).ok());
  EXPECT_THAT(
      CompareGolden(other, "golden", predictor_->schema().layout, batch, scores).status().message(),
      HasSubstr("row 0: the score is ["));
}

TEST_F(SeveralLabelsTest, PredictionsAreAColumnForEachAndMetricsHaveTheirNames) {
  ASSERT_TRUE(WriteFileAtomically(files_, "new.csv",
                                  "1,30,city1,t1,9,job1\n0,40,city2,,5,job2\n1,,city3,t2,5,\n")
                  .ok());
  std::string lines;
  const auto sink = [&lines](std::string_view text) {
    lines += text;
    return OkStatus();
  };
  const auto result = PredictFiles(&files_, *predictor_, {"new.csv"}, sink);
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_THAT(lines, ::testing::MatchesRegex("[0-9.e-]+\t[0-9.e-]+\t1\t1\n"
                                             "[0-9.e-]+\t[0-9.e-]+\t0\t0\n"
                                             "[0-9.e-]+\t[0-9.e-]+\n"));
  EXPECT_EQ(result->metrics.count("auc"), 1U);
  EXPECT_EQ(result->metrics.count("job:auc"), 1U);
  ASSERT_TRUE(WriteFileAtomically(files_, "bare.csv", "30,city1,t1,9\n").ok());
  lines.clear();
  const auto bare = PredictFiles(&files_, *predictor_, {"bare.csv"}, sink);
  ASSERT_TRUE(bare.ok()) << bare.status().ToString();
  EXPECT_TRUE(bare->metrics.empty());
  EXPECT_THAT(lines, ::testing::MatchesRegex("[0-9.e-]+\t[0-9.e-]+\n"));
}

TEST_F(SeveralLabelsTest, TheFilesSayWhichScoreIsWhose) {
  EXPECT_THAT(Read("schema.json"), HasSubstr("\"labels\": [\n      \"y\",\n      \"job\"\n    ]"));
  EXPECT_THAT(Read("README.txt"), HasSubstr("float [batch, 2], a probability of each of y, job"));
}

// A model of no experts would have nothing to share out.
TEST_F(SeveralLabelsTest, ASchemaWithoutExpertsIsRefused) {
  std::string schema = Read("schema.json");
  const std::size_t at = schema.find("\"experts\": 4");
  ASSERT_NE(at, std::string::npos);
  schema.replace(at, 12, "\"experts\": 0");
  EXPECT_THAT(ExportSchemaFromJson(schema, "schema.json").status().message(),
              HasSubstr("\"experts\" is too small"));
}

}  // namespace
}  // namespace rookery
