#include "serving/exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "data/prepare.h"
#include "io/memory_file_system.h"
#include "models/layers/embedding_combiner.h"
#include "serving/export_manifest.h"
#include "serving/predictor.h"
#include "serving/verify_export.h"
#include "tests/serving/testing/small_checkpoint.h"

namespace rookery {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// The same scores by maps and loops, without anything of serving/.
std::vector<float> ExpectedScores(const SmallCheckpoint& checkpoint, const Batch& batch) {
  const FeatureLayout layout = LayoutOf(checkpoint.fitted.schema);
  std::vector<std::vector<float>> combined;
  for (const ModelTable& table : checkpoint.model->tables()) {
    std::vector<float>& values = combined.emplace_back();
    for (std::size_t example = 0; example < batch.examples; ++example) {
      for (const std::uint32_t feature : table.features) {
        const FeatureColumn& column = batch.features[feature];
        std::vector<double> sum(table.dim);
        double norm = 0;
        for (std::size_t i = column.Begin(example); i < column.End(example); ++i) {
          norm += column.Weight(i);
          const auto& rows = checkpoint.rows.at(table.name);
          const auto row = rows.find(column.keys[i]);
          if (row == rows.end()) continue;
          for (std::size_t d = 0; d < table.dim; ++d) {
            sum[d] += static_cast<double>(column.Weight(i)) * row->second[d];
          }
        }
        if (layout.features[feature].combiner == Combiner::kSum || norm == 0) norm = 1;
        for (const double value : sum) values.push_back(static_cast<float>(value / norm));
      }
    }
  }
  ModelInput input;
  input.examples = batch.examples;
  for (const auto& values : combined) input.embeddings.push_back(values.data());
  input.numeric = batch.numeric.data();
  std::vector<float> scores(batch.examples);
  const auto scratch = checkpoint.model->MakeScratch();
  checkpoint.model->Predict(input, checkpoint.dense, *scratch, scores);
  return scores;
}

class ExporterTest : public ::testing::Test {
 protected:
  ExportOptions Options(const SmallCheckpoint& checkpoint) {
    ExportOptions options;
    options.directory = "out/export";
    options.model = checkpoint.model_spec;
    options.golden_files = {checkpoint.data()};
    return options;
  }
  StatusOr<ExportSummary> Export(const SmallCheckpoint& checkpoint) {
    return ExportModel(files_, *checkpoint.reader, Options(checkpoint));
  }
  std::string Read(const std::string& name) {
    return ReadWholeFile(files_, "out/export/" + name, 1U << 30U).value();
  }

  MemoryFileSystem files_;
};

TEST_F(ExporterTest, PredictorScoresAsTheModelDoes) {
  for (const std::string name :
       {"lr", "fm", "mlp", "wide_deep", "deepfm", "dlrm", "dcn", "dcnv2", "ffm", "nfm", "xdeepfm",
        "autoint", "fibinet", "final_mlp", "dbn"}) {
    SCOPED_TRACE(name);
    MemoryFileSystem files;
    SmallCheckpoint checkpoint(&files, "run", SmallCsvSchema(), SmallCsvText(), SmallModel(name));
    ASSERT_FALSE(HasFatalFailure());
    const StatusOr<ExportSummary> summary =
        ExportModel(files, *checkpoint.reader, Options(checkpoint));
    ASSERT_TRUE(summary.ok()) << summary.status().ToString();
    EXPECT_TRUE(summary->self_contained);
    EXPECT_EQ(summary->golden_rows, 64U);
    auto predictor = Predictor::Open(&files, "out/export");
    ASSERT_TRUE(predictor.ok()) << predictor.status().ToString();
    Batch batch = checkpoint.batch;
    batch.features[0].keys[3] = 12345;  // never seen: zeros
    std::vector<float> scores(batch.examples);
    ASSERT_TRUE((*predictor)->Score(batch, scores).ok());
    const std::vector<float> expected = ExpectedScores(checkpoint, batch);
    for (std::size_t i = 0; i < scores.size(); ++i) ASSERT_NEAR(scores[i], expected[i], 2e-6) << i;
    EXPECT_NE(scores[3], ExpectedScores(checkpoint, checkpoint.batch)[3]);
    const StatusOr<VerifyReport> report = VerifyExport(&files, "out/export");
    ASSERT_TRUE(report.ok()) << report.status().ToString();
    EXPECT_EQ(report->golden_rows, 64U);
    EXPECT_EQ(report->score_difference_max, 0);
  }
}

// Prepared files instead of text: the same golden rows and the same scores.
TEST_F(ExporterTest, PreparedFilesAreGoldenRowsAndAreScored) {
  SmallCheckpoint checkpoint(&files_, "run", SmallCsvSchema(), SmallCsvText(),
                             SmallModel("deepfm"));
  ASSERT_TRUE(Export(checkpoint).ok());
  const std::string golden_of_text = Read("golden.json");
  PrepareOptions prepare;
  prepare.input.files = {checkpoint.data()};
  prepare.input.chunk_examples = 10;  // golden rows from several blocks
  prepare.prefix = "prepared";
  ASSERT_TRUE(PrepareFiles(files_, checkpoint.fitted, prepare).ok());
  ExportOptions options = Options(checkpoint);
  options.golden_files = {"prepared-00000.blocks", checkpoint.data()};
  options.force = true;
  const auto summary = ExportModel(files_, *checkpoint.reader, options);
  ASSERT_TRUE(summary.ok()) << summary.status().ToString();
  EXPECT_EQ(summary->golden_rows, 64U);
  EXPECT_EQ(Read("golden.json"), golden_of_text);
  const StatusOr<VerifyReport> report = VerifyExport(&files_, "out/export");
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_EQ(report->golden_rows, 64U);
  EXPECT_EQ(report->score_difference_max, 0);

  auto predictor = Predictor::Open(&files_, "out/export");
  ASSERT_TRUE(predictor.ok());
  const auto lines_of = [&](const std::string& path) {
    std::string lines;
    const auto result = PredictFiles(&files_, **predictor, {path}, [&lines](std::string_view text) {
      lines += text;
      return OkStatus();
    });
    EXPECT_TRUE(result.ok()) << result.status().ToString();
    return lines;
  };
  EXPECT_EQ(lines_of("prepared-00000.blocks"), lines_of(checkpoint.data()));
}

// Close to fp32, but not the same; one example alone and in a batch.
TEST_F(ExporterTest, Bf16ScoresAreCloseToFp32) {
  for (const std::string name : {"mlp", "deepfm", "dlrm", "lr"}) {
    SCOPED_TRACE(name);
    MemoryFileSystem files;
    SmallCheckpoint checkpoint(&files, "run", SmallCsvSchema(), SmallCsvText(), SmallModel(name));
    ASSERT_TRUE(ExportModel(files, *checkpoint.reader, Options(checkpoint)).ok());
    const auto exact = Predictor::Open(&files, "out/export");
    const auto rounded = Predictor::Open(&files, "out/export", Dtype::kBf16);
    ASSERT_TRUE(exact.ok() && rounded.ok());
    const Batch& batch = checkpoint.batch;
    std::vector<float> scores(batch.examples), close(batch.examples), single(1);
    ASSERT_TRUE((*exact)->Score(batch, scores).ok());
    ASSERT_TRUE((*rounded)->Score(batch, close).ok());
    for (std::size_t i = 0; i < scores.size(); ++i) ASSERT_NEAR(close[i], scores[i], 5e-3) << i;
    EXPECT_EQ(close == scores, name == "lr");  // which has no tower
    Batch one;
    ShapeLike(batch, 1, &one);
    CopyRows(batch, 7, 1, 0, &one);
    ASSERT_TRUE((*rounded)->Score(one, single).ok());
    EXPECT_NEAR(single[0], scores[7], 5e-3);
  }
}

TEST_F(ExporterTest, PredictFilesWritesScoresAndMetrics) {
  SmallCheckpoint checkpoint(&files_, "run", SmallCsvSchema(), SmallCsvText(), SmallModel("lr"));
  ASSERT_TRUE(Export(checkpoint).ok());
  auto predictor = Predictor::Open(&files_, "out/export");
  ASSERT_TRUE(predictor.ok());
  // The second has no label; the third no known value at all.
  ASSERT_TRUE(WriteFileAtomically(files_, "new.csv",
                                  "1,30,city1,t1|t2,5,job1\n,30,city1,,5,job1\n"
                                  "0,?,nowhere,,,none\n")
                  .ok());
  std::string lines;
  const auto sink = [&lines](std::string_view text) {
    lines += text;
    return OkStatus();
  };
  const auto result = PredictFiles(&files_, **predictor, {"new.csv"}, sink);
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  EXPECT_EQ(result->examples, 3U);
  EXPECT_EQ(result->metrics.count("auc"), 1U);
  EXPECT_THAT(lines, ::testing::MatchesRegex("0\\.[0-9]+\t1\n0\\.[0-9]+\n0\\.[0-9]+\t0\n"));
  const auto missing = PredictFiles(&files_, **predictor, {"absent.csv"}, sink);
  EXPECT_EQ(missing.status().code(), Code::kInvalidInput);
  EXPECT_THAT(missing.status().message(), HasSubstr("absent.csv"));
}

TEST_F(ExporterTest, TablesTooLargeForOnnxStayBeside) {
  SmallCheckpoint checkpoint(&files_, "run", SmallCsvSchema(), SmallCsvText(),
                             SmallModel("deepfm"));
  ExportOptions options = Options(checkpoint);
  options.onnx_rows_max = 5;
  const StatusOr<ExportSummary> summary = ExportModel(files_, *checkpoint.reader, options);
  ASSERT_TRUE(summary.ok()) << summary.status().ToString();
  EXPECT_FALSE(summary->self_contained);
  EXPECT_TRUE(files_.Exists("out/export/dense.onnx"));
  EXPECT_FALSE(files_.Exists("out/export/model.onnx"));
  EXPECT_THAT(Read("README.txt"), HasSubstr("default.embeddings: float [batch, 25]"));
  EXPECT_TRUE(VerifyExport(&files_, "out/export").ok());
}

TEST_F(ExporterTest, RefusesADirectoryInUseUnlessForced) {
  SmallCheckpoint checkpoint(&files_, "run", SmallCsvSchema(), SmallCsvText(), SmallModel("lr"));
  ExportOptions options = Options(checkpoint);
  options.directory = "out/export/";  // a slash at the end changes nothing
  ASSERT_TRUE(files_.MakeDirectory("out/export").ok());
  ASSERT_TRUE(ExportModel(files_, *checkpoint.reader, options).ok()) << "an empty one is fine";
  ASSERT_TRUE(WriteFileAtomically(files_, "out/export/mine.txt", "x").ok());
  const Status refused = ExportModel(files_, *checkpoint.reader, options).status();
  EXPECT_EQ(refused.code(), Code::kInvalidInput);
  EXPECT_THAT(refused.message(), AllOf(HasSubstr("out/export"), HasSubstr("--force")));
  options.force = true;
  ASSERT_TRUE(ExportModel(files_, *checkpoint.reader, options).ok());
  EXPECT_FALSE(files_.Exists("out/export/mine.txt"));
  EXPECT_EQ(*files_.List("out"), std::vector<std::string>{"export"});
}

TEST_F(ExporterTest, RefusesACheckpointOfAnotherModel) {
  SmallCheckpoint checkpoint(&files_, "run", SmallCsvSchema(), SmallCsvText(),
                             SmallModel("deepfm"));
  ExportOptions options = Options(checkpoint);
  options.model.hidden = {8, 7};
  const Status dense = ExportModel(files_, *checkpoint.reader, options).status();
  EXPECT_EQ(dense.code(), Code::kInvalidInput);
  EXPECT_THAT(dense.message(), AllOf(HasSubstr("another model"), HasSubstr("[8, 6]")));
  options.model = checkpoint.model_spec;
  options.model.dim = 5;
  EXPECT_THAT(ExportModel(files_, *checkpoint.reader, options).status().message(),
              HasSubstr("no table default of dim 6"));
  EXPECT_FALSE(files_.Exists("out/export"));
}

TEST_F(ExporterTest, AFailedWriteLeavesNoExport) {
  SmallCheckpoint checkpoint(&files_, "run", SmallCsvSchema(), SmallCsvText(), SmallModel("lr"));
  ASSERT_TRUE(Export(checkpoint).ok());
  const std::uint64_t before = files_.calls();
  ASSERT_TRUE(files_.RemoveTree("out").ok());
  ASSERT_TRUE(Export(checkpoint).ok());
  const std::uint64_t calls = files_.calls() - before - 1;
  for (std::uint64_t call = 1; call <= calls; call += 3) {
    ASSERT_TRUE(files_.RemoveTree("out").ok());
    files_.FailAt(call);
    const bool done = Export(checkpoint).ok();
    EXPECT_TRUE(done || !files_.Exists("out/export") || VerifyExport(&files_, "out/export").ok())
        << "call " << call;
  }
}

TEST_F(ExporterTest, AFlippedBitInAnyFileIsFound) {
  SmallCheckpoint checkpoint(&files_, "run", SmallCsvSchema(), SmallCsvText(),
                             SmallModel("wide_deep"));
  ASSERT_TRUE(Export(checkpoint).ok());
  const auto names = files_.List("out/export");
  ASSERT_TRUE(names.ok());
  EXPECT_EQ(names->size(), 11U);  // the list of serving/exporter.h, two tables
  for (const std::string& name : *names) {
    const std::string path = "out/export/" + name;
    const std::uint64_t bit = *files_.FileSize(path) * 4;
    ASSERT_TRUE(files_.FlipBit(path, bit).ok());
    const Status status = VerifyExport(&files_, "out/export").status();
    EXPECT_FALSE(status.ok()) << name;
    if (name != "MANIFEST.json") {
      EXPECT_THAT(status.message(), HasSubstr(name));
    }
    ASSERT_TRUE(files_.FlipBit(path, bit).ok());
  }
  EXPECT_TRUE(VerifyExport(&files_, "out/export").ok());
  ASSERT_TRUE(files_.Remove("out/export/table-wide.rows").ok());
  EXPECT_THAT(VerifyExport(&files_, "out/export").status().message(), HasSubstr("table-wide.rows"));
}

TEST_F(ExporterTest, NotAnExport) {
  ASSERT_TRUE(files_.MakeDirectory("empty").ok());
  const Status status = Predictor::Open(&files_, "empty").status();
  EXPECT_EQ(status.code(), Code::kInvalidInput);
  EXPECT_THAT(status.message(), HasSubstr("not an export"));
}

}  // namespace
}  // namespace rookery
