// Reads real files from end to end; the folder is named by ROOKERY_DATA.
#include <gtest/gtest.h>

#include "io/posix_file_system.h"
#include "tests/data/testing/input_fixture.h"

namespace rookery {
namespace {

class RealDataTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = RealData();
    if (folder_.empty()) GTEST_SKIP() << "ROOKERY_DATA: folder with the data sets absent";
  }

  // All examples of the files, read in chunks; the schema is fitted on the first file.
  struct Result {
    std::vector<std::size_t> examples;  // per file
    FittedSchema fitted;
    double positives = 0;
  };
  Result ReadAll(const Schema& schema, std::vector<std::string> names) {
    Result result;
    PosixFileSystem files;
    for (std::string& name : names) name = folder_ + "/" + name;
    const auto paths = ExpandFiles(files, names);
    const auto resolved = ResolveSchema(schema);
    EXPECT_TRUE(paths.ok() && resolved.ok()) << paths.status().ToString();
    const InputOptions options{*paths, 1000, true};
    InputOptions first = options;
    first.files.resize(1);
    auto fitted = FitSchema(&files, *resolved, first, 1U << 30U);
    EXPECT_TRUE(fitted.ok()) << fitted.status().ToString();
    if (!fitted.ok()) return result;
    result.fitted = *std::move(fitted);
    const auto reader = MakeInputReader(&files, &result.fitted, options);
    for (std::uint32_t file = 0; file < names.size(); ++file) {
      result.examples.push_back(0);
      ChunkRun run{file, 0, 1, 3};
      for (bool more = true; more; run.first += run.count) {
        const auto read = reader->Read(run);
        EXPECT_TRUE(read.ok()) << read.status().ToString();
        if (!read.ok()) return result;
        result.examples.back() += read->examples.examples;
        for (const float label : read->examples.labels) result.positives += label > 0 ? 1 : 0;
        more = !read->end_of_file;
      }
    }
    return result;
  }

  std::string folder_;
};

using Counts = std::vector<std::size_t>;

TEST_F(RealDataTest, Adult) {
  Schema schema;
  schema.missing = {"?"};
  schema.skip_prefixes = {"|"};
  for (const std::string name :
       {"age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation",
        "relationship", "race", "sex", "capital-gain", "capital-loss", "hours-per-week",
        "native-country"}) {
    const bool numeric = name == "age" || name == "fnlwgt" || name == "education-num" ||
                         name.starts_with("capital") || name.starts_with("hours");
    schema.columns.push_back(
        MakeColumn(name, numeric ? ColumnType::kNumeric : ColumnType::kCategorical));
  }
  schema.columns.push_back(MakeColumn("income", ColumnType::kLabel));
  schema.columns.back().positive = {">50K", ">50K."};
  schema.buckets = {{"age_bucket", "age", 20, {}, {}}};
  const Result result = ReadAll(schema, {"adult/adult.data.gz", "adult/adult.test.gz"});
  EXPECT_EQ(result.examples, (Counts{32561, 16281}));
  EXPECT_EQ(result.positives, 7841 + 3846);
  EXPECT_NEAR(result.fitted.statistics[0].mean, 38.581647, 1e-5);
  EXPECT_EQ(result.fitted.statistics[0].maximum, 90);
  EXPECT_EQ(result.fitted.bucket_boundaries[0].size(), 19U);
}

TEST_F(RealDataTest, A9a) {
  Schema schema;
  schema.format = InputFormat::kLibsvm;
  const Result result = ReadAll(schema, {"a9a/a9a.gz", "a9a/a9a.t.gz"});
  EXPECT_EQ(result.examples, (Counts{32561, 16281}));
  EXPECT_EQ(result.positives, 7841 + 3846);
  EXPECT_TRUE(result.fitted.signed_labels);
}

TEST_F(RealDataTest, Frappe) {
  Schema schema;
  schema.format = InputFormat::kLibsvm;
  for (const char* name : {"user", "item", "daytime", "weekday", "isweekend", "homework", "cost",
                           "weather", "country", "city"}) {
    schema.columns.push_back(MakeColumn(name, ColumnType::kCategorical));
  }
  const Result result =
      ReadAll(schema, {"frappe/frappe.train.libfm.gz", "frappe/frappe.validation.libfm.gz",
                       "frappe/frappe.test.libfm.gz"});
  EXPECT_EQ(result.examples, (Counts{202027, 57722, 28860}));
}

TEST_F(RealDataTest, MovieLens) {
  Schema schema;
  schema.delimiter = '\t';
  schema.columns = {
      MakeColumn("user", ColumnType::kCategorical), MakeColumn("item", ColumnType::kCategorical),
      MakeColumn("rating", ColumnType::kLabel), MakeColumn("time", ColumnType::kIgnore)};
  schema.columns[0].key = KeyKind::kIdentity;
  const Result result =
      ReadAll(schema, {"ml-100k/u1.base.gz", "ml-100k/u1.test.gz", "ml-100k/u.data.gz"});
  EXPECT_EQ(result.examples, (Counts{80000, 20000, 100000}));
  EXPECT_FALSE(result.fitted.signed_labels);
}

TEST_F(RealDataTest, Criteo) {
  Schema schema;
  schema.format = InputFormat::kCriteo;
  const Result result =
      ReadAll(schema, {"criteo-8k/train.csv", "criteo-8k/dev.csv", "criteo-8k/test.csv"});
  EXPECT_EQ(result.examples, (Counts{7200, 409, 391}));
}

TEST_F(RealDataTest, Avazu) {
  Schema schema;
  schema.skip_prefixes = {"id,"};  // some of the files have a header
  for (int i = 0; i < 24; ++i) {
    schema.columns.push_back(MakeColumn(StrCat("f", i), ColumnType::kCategorical));
  }
  schema.columns[0].type = ColumnType::kIgnore;
  schema.columns[1].type = ColumnType::kLabel;
  const Result result =
      ReadAll(schema, {"avazu-9k/train.csv", "avazu-9k/dev.csv", "avazu-9k/test.csv"});
  EXPECT_EQ(result.examples, (Counts{8087, 480, 432}));
}

}  // namespace
}  // namespace rookery
