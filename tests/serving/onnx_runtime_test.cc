// ONNX Runtime scores exports of every kind as Predictor does, by tests/e2e/score_with_onnx.py.
// Runs where ROOKERY_PYTHON names a Python with numpy, onnxruntime and xxhash.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "io/posix_file_system.h"
#include "serving/exporter.h"
#include "serving/predictor.h"
#include "tests/serving/testing/small_checkpoint.h"

namespace rookery {
namespace {

struct ExportCase {
  std::string name;
  Schema schema;
  std::string text;
  ModelSpec model;
  std::uint64_t onnx_rows_max = 2'000'000;
};

std::string SmallListsText() {
  std::string text;
  for (int i = 0; i < 70; ++i) {
    text += std::to_string(i % 2) + " " + std::to_string(i % 12) + ":" + std::to_string(i % 3 - 1) +
            " " + std::to_string(30 + i % 7) + ":0.5\n";
  }
  return text;
}

// As data/sequence.h makes them of lines for models of next items.
Schema NextItemSchema() {
  Schema schema;
  schema.salt = 5;
  schema.columns = {
      SmallColumn("y", ColumnType::kLabel), SmallColumn("user", ColumnType::kCategorical),
      SmallColumn("item", ColumnType::kList), SmallColumn("negative", ColumnType::kList),
      SmallColumn("history", ColumnType::kList)};
  for (std::size_t c = 2; c < schema.columns.size(); ++c) {
    schema.columns[c].combiner = Combiner::kNone;
    schema.columns[c].space = "item";
  }
  schema.columns.back().length_max = 3;  // of histories up to 5
  schema.columns.back().keep = ListEnd::kLast;
  return schema;
}

std::string NextItemText() {
  std::string text;
  for (int i = 0; i < 80; ++i) {
    std::string history;
    for (int h = 0; h < i % 6; ++h)
      history += (h > 0 ? "|i" : "i") + std::to_string((i + 3 * h) % 9);
    text += "1,u" + std::to_string(i) + ",i" + std::to_string(i % 7) + ",," + history + "\n";
  }
  return text;
}

// As data/sequence.h makes them of lines for models of pairs.
Schema TripleSchema() {
  Schema schema;
  schema.salt = 5;
  schema.columns = {SmallColumn("y", ColumnType::kLabel),
                    SmallColumn("user", ColumnType::kCategorical),
                    SmallColumn("item", ColumnType::kCategorical),
                    SmallColumn("negative", ColumnType::kCategorical)};
  schema.columns[2].space = schema.columns[3].space = "item";
  return schema;
}

std::string TripleText() {
  std::string text;
  for (int i = 0; i < 80; ++i) text += StrCat("1,u", i % 11, ",i", i % 7, ",i", i % 9, "\n");
  return text;
}

// Two categories and a list, no number.
Schema RatersSchema() {
  Schema schema;
  schema.columns = {SmallColumn("y", ColumnType::kLabel),
                    SmallColumn("user", ColumnType::kCategorical),
                    SmallColumn("raters", ColumnType::kList)};
  schema.columns[2].combiner = Combiner::kSqrtN;
  return schema;
}

std::string RatersText() {
  std::string text;
  for (int i = 0; i < 80; ++i) {
    text += StrCat(1 + i % 5, ",u", i % 11, ",");
    for (int r = 0; r < i % 4; ++r) text += StrCat(r > 0 ? "|" : "", "u", (i + r) % 9, ":", r);
    text += "\n";
  }
  return text;
}

// As SmallCsvText with three more numbers behind the city.
std::string VectorText() {
  std::string text;
  for (int i = 0; i < 80; ++i) {
    text += StrCat(i % 2, ",", 20 + i % 50, ",city", i % 11, ",", i % 9 == 4 ? "" : "0.5 -1.25 ",
                   i % 9 == 4 ? std::string() : std::to_string(i % 5), ",t", i % 3, ",", i * i,
                   ",job", i % 5, "\n");
  }
  return text;
}

std::vector<ExportCase> CasesOfTheirOwnData() {
  std::vector<ExportCase> cases;
  Schema vectors = SmallCsvSchema();
  vectors.columns.insert(vectors.columns.begin() + 3, SmallColumn("image", ColumnType::kVector));
  vectors.columns[3].dim = 3;
  vectors.columns[3].separator = ' ';
  cases.push_back({"vectors", vectors, VectorText(), SmallModel("dlrm")});
  Schema two_labels = SmallCsvSchema();
  two_labels.columns[5].type = ColumnType::kLabel;
  two_labels.columns[5].positive = {"job1"};
  for (const std::string name : {"shared_bottom", "mmoe", "ple", "esmm"}) {
    ModelSpec model = SmallModel(name);
    model.task_hidden = {5};
    model.levels = 2;
    cases.push_back({name, two_labels, SmallCsvText(), model});
  }
  ModelSpec autorec = SmallModel("autorec");
  autorec.target = "user";
  autorec.loss = "squared";
  cases.push_back({"autorec", RatersSchema(), RatersText(), autorec});
  for (const std::string name : {"bpr_mf", "two_tower"}) {
    cases.push_back({name, TripleSchema(), TripleText(), SmallModel(name)});
  }
  for (const std::string name : {"gru4rec", "sasrec", "bert4rec", "mult_vae", "caser"}) {
    ModelSpec model = SmallModel(name);
    model.window = 3;
    model.horizontal_filters = model.vertical_filters = 2;
    cases.push_back({name, NextItemSchema(), NextItemText(), model});
  }
  cases.push_back({"lstm", NextItemSchema(), NextItemText(), SmallModel("gru4rec"), 5});
  cases.back().model.cell = "lstm";
  cases.back().model.item_rows = "own";
  return cases;
}

std::vector<ExportCase> Cases() {
  std::vector<ExportCase> cases = CasesOfTheirOwnData();
  for (const std::string name :
       {"lr", "fm", "mlp", "wide_deep", "deepfm", "dlrm", "dcn", "dcnv2", "ffm", "nfm", "xdeepfm",
        "autoint", "fibinet", "final_mlp", "dbn"}) {
    cases.push_back({name, SmallCsvSchema(), SmallCsvText(), SmallModel(name)});
  }
  cases.push_back({"sum", SmallCsvSchema(Combiner::kSum), SmallCsvText(), SmallModel("fm")});
  cases.push_back(
      {"sqrtn", SmallCsvSchema(Combiner::kSqrtN), SmallCsvText(), SmallModel("mlp", "layer")});
  cases.push_back({"batch", SmallCsvSchema(), SmallCsvText(), SmallModel("deepfm", "batch")});
  for (const std::string name : {"gelu", "silu", "prelu", "dice"}) {
    cases.push_back({name, SmallCsvSchema(), SmallCsvText(), SmallModel("mlp")});
    cases.back().model.activation = name;
  }
  cases.push_back({"dense", SmallCsvSchema(), SmallCsvText(), SmallModel("wide_deep"), 5});
  cases.push_back({"pairs", SmallPairsSchema(), SmallPairsText(), SmallModel("mf")});
  cases.push_back({"pairs_lr", SmallPairsSchema(), SmallPairsText(), SmallModel("lr")});
  cases.push_back({"libsvm", SmallLibsvmSchema(), SmallListsText(), SmallModel("lr")});
  cases.back().model.loss = "squared";
  Schema two_tables = SmallCsvSchema();  // neumf: "default" is for the two that are multiplied
  two_tables.columns[3].tables = {"mlp"};
  two_tables.buckets[0].tables = {"mlp"};
  two_tables.crosses[0].tables = {"mlp"};
  cases.push_back({"neumf", two_tables, SmallCsvText(), SmallModel("neumf")});
  for (const std::string name : {"din", "dien"}) {
    ModelSpec model = SmallModel(name);
    model.target = "city";
    model.attention_hidden = {5};
    cases.push_back({name, SmallCsvSchema(Combiner::kNone), SmallCsvText(), model});
    cases.push_back({name + "_dense", SmallCsvSchema(Combiner::kNone), SmallCsvText(), model, 5});
    model.direction = "both";
    if (name == "dien") {
      cases.push_back({"both_ways", SmallCsvSchema(Combiner::kNone), SmallCsvText(), model});
    }
  }
  ModelSpec gates = SmallModel("final_mlp");
  gates.first_gate = "city";
  gates.gate_hidden = {5};
  cases.push_back({"gates", SmallCsvSchema(), SmallCsvText(), gates});
  Schema header = SmallCsvSchema();
  header.header = true;
  header.columns[1].transform = NumericTransform::kMinMax;
  header.columns[4].fill = -3.0F;
  cases.push_back(
      {"header", header, "y,age,city,tags,pay,job\n" + SmallCsvText(), SmallModel("deepfm")});
  return cases;
}

void Predict(FileSystem* files, const std::string& directory, const std::string& data,
             const std::string& out) {
  auto predictor = Predictor::Open(files, directory);
  ASSERT_TRUE(predictor.ok()) << predictor.status().ToString();
  std::string lines;
  const auto result = PredictFiles(files, **predictor, {data}, [&lines](std::string_view text) {
    lines += text;
    return OkStatus();
  });
  ASSERT_TRUE(result.ok()) << result.status().ToString();
  ASSERT_TRUE(WriteFileAtomically(*files, out, lines).ok());
}

TEST(OnnxRuntime, ScoresLikeThePredictor) {
  const char* python = std::getenv("ROOKERY_PYTHON");
  if (python == nullptr) GTEST_SKIP() << "ROOKERY_PYTHON: names no Python with onnxruntime";
  const std::filesystem::path script =
      std::filesystem::path(__FILE__).parent_path().parent_path() / "e2e/score_with_onnx.py";
  const auto run = [&](const std::string& arguments) {
    return std::system((std::string(python) + " " + script.string() + " " + arguments).c_str());
  };
  PosixFileSystem files;
  const std::string base = ::testing::TempDir() + "/rookery_onnx_" + std::to_string(::getpid());
  for (const ExportCase& item : Cases()) {
    SCOPED_TRACE(item.name);
    ASSERT_TRUE(files.RemoveTree(base).ok());
    SmallCheckpoint checkpoint(&files, base, item.schema, item.text, item.model);
    ASSERT_FALSE(HasFatalFailure());
    ExportOptions options;
    options.directory = base + "/export";
    options.model = checkpoint.model_spec;
    options.onnx_rows_max = item.onnx_rows_max;
    const auto summary = ExportModel(files, *checkpoint.reader, options);
    ASSERT_TRUE(summary.ok()) << summary.status().ToString();
    const std::string made = base + "/made.txt";
    ASSERT_EQ(run(options.directory + " " + checkpoint.data() + " --make-rows " + made), 0);
    for (const std::string& data : {checkpoint.data(), made}) {
      ASSERT_NO_FATAL_FAILURE(Predict(&files, options.directory, data, base + "/scores.tsv"));
      EXPECT_EQ(run(options.directory + " " + data + " --scores " + base + "/scores.tsv"), 0);
    }
  }
  EXPECT_TRUE(files.RemoveTree(base).ok());
}

}  // namespace
}  // namespace rookery
