#include "launch/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "io/memory_file_system.h"

namespace rookery {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;

// Lines 1 to 5 of every job of these tests; line 6 is the first of `rest`.
constexpr const char* kData = R"([data]
train = ["train.csv"]
column = [{name = "y", type = "label"},
          {name = "age", type = "numeric"},
          {name = "city", type = "categorical"}]
)";

StatusOr<Job> Parse(const std::string& rest, const std::vector<std::string>& overrides = {}) {
  return ParseJob(kData + rest, "job.toml", overrides);
}

std::string ErrorOf(const std::string& rest, const std::vector<std::string>& overrides = {}) {
  const StatusOr<Job> job = Parse(rest, overrides);
  if (job.ok()) return "no error";
  EXPECT_EQ(job.status().code(), Code::kInvalidInput);
  return job.status().message();
}

TEST(Job, DefaultsAreThoseOfTheStructs) {
  const StatusOr<Job> job = Parse("");
  ASSERT_TRUE(job.ok()) << job.status().message();
  EXPECT_EQ(job->seed, 1U);
  EXPECT_EQ(job->train.batch_size, 4096U);
  EXPECT_EQ(job->train.mode, TrainMode::kSync);
  EXPECT_EQ(job->dense.kind, UpdaterKind::kAdam);
  EXPECT_EQ(job->dense.learning_rate.rate, 0.001F);
  EXPECT_EQ(job->tables.size(), 1U);
  EXPECT_EQ(job->tables.at("default").dim, 16U);
  EXPECT_EQ(job->model.dim, 16U);
  EXPECT_EQ(job->data.schema.columns[2].space, "city");
  EXPECT_EQ(RunDirectoryOf(*job, "launch/jobs/quick.toml"), "runs/quick");
}

TEST(Job, ReadsEverySection) {
  const StatusOr<Job> job = Parse(R"(
delimiter = "\t"
quote = ""
missing = ["?", "NA"]
[[data.bucket]]
name = "age-bucket"
column = "age"
boundaries = [18, 30.5]
[[data.cross]]
name = "both"
parts = ["age-bucket", "city"]
tables = ["wide"]
[model]
name = "wide_deep"
hidden = [8, 4]
dropout = 0.25
[table.default]
dim = 8
learning_rate = 0.02
schedule = "cosine"
warmup_steps = 10
total_steps = 100
[table.wide]
updater = "ftrl"
l1 = 1
[dense]
updater = "adamw"
weight_decay = 0.01
[train]
mode = "bounded"
staleness = 3
dense = "server"
[cluster]
servers = 2
idle_sleep = "50us"
deadline = "2h"
[checkpoint]
every = "10min"
)");
  ASSERT_TRUE(job.ok()) << job.status().message();
  const Schema& schema = job->data.schema;
  EXPECT_EQ(schema.delimiter, '\t');
  EXPECT_EQ(schema.quote, '\0');
  EXPECT_THAT(schema.missing, testing::ElementsAre("?", "NA"));
  EXPECT_THAT(schema.buckets.at(0).boundaries, testing::ElementsAre(18.0F, 30.5F));
  EXPECT_THAT(schema.crosses.at(0).parts, testing::ElementsAre("age-bucket", "city"));
  EXPECT_THAT(job->model.hidden, testing::ElementsAre(8U, 4U));
  EXPECT_EQ(job->model.dropout, 0.25F);
  EXPECT_EQ(job->model.dim, 8U);
  EXPECT_TRUE(job->model.table_dims.empty());  // wide has the dim of default
  const TableJob& wide = job->tables.at("wide");
  EXPECT_EQ(wide.dim, 8U);  // starts from default
  EXPECT_EQ(wide.updater.learning_rate.rate, 0.02F);
  EXPECT_EQ(wide.updater.learning_rate.kind, ScheduleKind::kCosine);
  EXPECT_EQ(wide.updater.kind, UpdaterKind::kFtrl);
  EXPECT_EQ(wide.updater.l1, 1.0F);
  EXPECT_EQ(job->tables.at("default").updater.kind, UpdaterKind::kAdagrad);
  EXPECT_EQ(job->dense.weight_decay, 0.01F);
  EXPECT_EQ(job->train.mode, TrainMode::kBounded);
  EXPECT_EQ(job->train.staleness, 3U);
  EXPECT_EQ(job->train.dense, DensePlacement::kServer);
  EXPECT_EQ(job->cluster.idle_sleep, microseconds(50));
  EXPECT_EQ(job->cluster.deadline, hours(2));
  EXPECT_EQ(job->checkpoint.every, minutes(10));
}

TEST(Job, TheOrderOfTableSectionsDoesNotMatter) {
  const StatusOr<Job> job = Parse("[table.a]\nl2 = 1\n[table.default]\ndim = 3\n");
  ASSERT_TRUE(job.ok());
  EXPECT_EQ(job->tables.at("a").dim, 3U);
  const StatusOr<Job> other = Parse("[table.a]\ndim = 5\n[table.default]\ndim = 3\n");
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(other->model.table_dims.at("a"), 5U);
}

struct Wrong {
  const char* rest;
  const char* error;
};

class WrongJob : public testing::TestWithParam<Wrong> {};

TEST_P(WrongJob, SaysWhatWhereAndWhatWouldBeRight) {
  EXPECT_EQ(ErrorOf(GetParam().rest), GetParam().error) << GetParam().rest;
}

INSTANTIATE_TEST_SUITE_P(
    Unknown, WrongJob,
    testing::Values(
        Wrong{"[train]\nbatchsize = 1",
              "job.toml:7:1: unknown option train.batchsize; the nearest "
              "is train.batch_size"},
        Wrong{"[trian]\n", "job.toml:6:2: unknown option trian; the nearest is train"},
        Wrong{"[model]\nbatch_size = 1",
              "job.toml:7:1: unknown option model.batch_size; the nearest is train.batch_size"},
        Wrong{"[table.user]\n  dims = 1",
              "job.toml:7:3: unknown option table.user.dims; the nearest is table.NAME.dim"},
        Wrong{"[[data.bucket]]\nname = \"b\"\ncolumn = \"age\"\nbukets = 3",
              "job.toml:9:1: unknown option data.bucket.b.bukets; the nearest is "
              "data.bucket.NAME.buckets"},
        Wrong{"colunm = 1",
              "job.toml:6:1: unknown option data.colunm; the nearest is data.column"}));

INSTANTIATE_TEST_SUITE_P(
    Type, WrongJob,
    testing::Values(
        Wrong{"[train]\nbatch_size = \"4096\"",
              "job.toml:7:14: train.batch_size is text; it must be a whole number"},
        Wrong{
            "[train]\nbatch_size = 1.5",
            "job.toml:7:14: train.batch_size is a number with a point; it must be a whole number"},
        Wrong{"[train]\nkeep_best = 1",
              "job.toml:7:13: train.keep_best is a whole number; it must be true or false"},
        Wrong{"[model]\nhidden = 400",
              "job.toml:7:10: model.hidden is a whole number; it must be a list of whole numbers"},
        Wrong{"[model]\nhidden = [400, \"a\"]",
              "job.toml:7:10: model.hidden is a list; it must be a list of whole numbers"},
        Wrong{"[model]\nhidden = [true]",
              "job.toml:7:10: model.hidden is a list; it must be a list of whole numbers"},
        Wrong{"[model]\nname = 1979-05-27",
              "job.toml:7:8: model.name is a date or time; it must be text"},
        Wrong{"[checkpoint]\nevery = 600",
              "job.toml:7:9: checkpoint.every is a whole number; it must be a duration"},
        Wrong{"test = \"test.csv\"", "job.toml:6:8: data.test is text; it must be a list of paths"},
        Wrong{"[table]\ndefault = 3",
              "job.toml:7:11: table.default is a whole number; it must be a section: "
              "[table.default]"},
        Wrong{"bucket = {name = \"b\"}",
              "job.toml:6:10: data.bucket is a section; it must be a section of its own for each: "
              "[[data.bucket]]"},
        Wrong{"[train]\nmode = sync",
              "job.toml:7:8: Error while parsing key-value pair: could not "
              "determine value type"}));

INSTANTIATE_TEST_SUITE_P(
    Range, WrongJob,
    testing::Values(
        Wrong{"[train]\nbatch_size = 0",
              "job.toml:7:14: train.batch_size = 0: must be from 1 to 16777216"},
        Wrong{"[train]\nepochs = 0", "job.toml:7:10: train.epochs = 0: must be at least 1"},
        Wrong{"[train]\nmode = \"fast\"",
              "job.toml:7:8: train.mode = \"fast\": must be one of sync, bounded, async"},
        Wrong{"[table.default]\ndim = 5000",
              "job.toml:7:7: table.default.dim = 5000: must be from 1 to 4096"},
        Wrong{"[dense]\nlearning_rate = 0",
              "job.toml:7:17: dense.learning_rate = 0.0: must be a finite number above 0"},
        Wrong{"[dense]\nlearning_rate = nan",
              "job.toml:7:17: dense.learning_rate = nan: must be a finite number above 0"},
        Wrong{"[dense]\nlearning_rate = 1e-60",
              "job.toml:7:17: dense.learning_rate = 1e-60: is too small for a 32-bit float"},
        Wrong{"[dense]\nl2 = inf",
              "job.toml:7:6: dense.l2 = inf: must be a finite number of at least 0"},
        Wrong{"[model]\ndropout = 1",
              "job.toml:7:11: model.dropout = 1.0: must be a finite number of at least 0 and below "
              "1"},
        Wrong{"[model]\nhidden = [8, 0]",
              "job.toml:7:10: model.hidden = [8, 0]: each must be from 1 to 65536"},
        Wrong{"[checkpoint]\nevery = \"10 parsecs\"",
              "job.toml:7:9: checkpoint.every = \"10 parsecs\": must be a whole number and a unit: "
              "\"500ms\", \"30s\", \"10min\", \"2h\""},
        Wrong{"[cluster]\ndeadline = \"1ms\"",
              "job.toml:7:12: cluster.deadline = \"1ms\": must be at least \"1s\""},
        Wrong{"delimiter = \"::\"",
              "job.toml:6:13: data.delimiter = \"::\": must be one character"}));

INSTANTIATE_TEST_SUITE_P(
    Together, WrongJob,
    testing::Values(
        Wrong{"[train]\nslices = 3\nbatch_size = 100",
              "job.toml:8:14: train.batch_size = 100: must be a multiple of train.slices = 3"},
        Wrong{"[train]\nslices = 3",
              "job.toml: train.batch_size: must be a multiple of "
              "train.slices = 3"},
        Wrong{"[dense]\nschedule = \"step\"",
              "job.toml: dense.every_steps: schedule \"step\" needs it, at least 1"},
        Wrong{"[table.default]\ncatch_up = true",
              "job.toml:7:12: table.default.catch_up = true: only the updaters adam and adamw have "
              "it"},
        Wrong{"[train]\nkeep_best = true",
              "job.toml:7:13: train.keep_best = true: needs data.valid, which names no file"},
        Wrong{
            "[train]\nmode = \"async\"\n[checkpoint]\nevery_steps = 5",
            "job.toml:9:15: checkpoint.every_steps = 5: only mode \"sync\" has steps of the whole "
            "job; use checkpoint.every"},
        Wrong{"[cluster]\nheartbeat_timeout = \"1s\"",
              "job.toml:7:21: cluster.heartbeat_timeout = \"1s\": must be above "
              "cluster.heartbeat_every = \"1s\""},
        Wrong{
            "[table.\"a/b\"]\n",
            "job.toml: [table.\"a/b\"]: the name becomes part of file names; use letters, digits, "
            "- and _"},
        Wrong{"[[data.cross]]\nname = \"c\"\n",
              "job.toml:6:1: [[data.cross]] c has no parts; add parts = \"...\""}));

TEST(Job, NoTrainingFileIsAnError) {
  const StatusOr<Job> job = ParseJob("[data]\ntrain = []", "job.toml", {});
  ASSERT_FALSE(job.ok());
  EXPECT_EQ(job.status().message(),
            "job.toml:2:9: data.train = []: names no file; e.g. train = [\"data/train.csv\"]");
}

TEST(Job, ErrorsOfTheSchemaNameTheFile) {
  const StatusOr<Job> job = ParseJob("[data]\ntrain = [\"a\"]\n", "job.toml", {});
  ASSERT_FALSE(job.ok());
  EXPECT_THAT(job.status().message(), testing::StartsWith("job.toml: [data]"));
}

TEST(Job, OverridesReachEverySection) {
  const StatusOr<Job> job =
      Parse("[train]\nbatch_size = 64\n",
            {"train.batch_size=128", "train.mode=async", "seed=7", "table.default.dim=4",
             "table.wide.updater=ftrl", "model.hidden=[3, 2]", "data.column.age.transform=log",
             "checkpoint.every=250ms", "model.name=\"mlp\""});
  ASSERT_TRUE(job.ok()) << job.status().message();
  EXPECT_EQ(job->train.batch_size, 128U);
  EXPECT_EQ(job->train.mode, TrainMode::kAsync);
  EXPECT_EQ(job->seed, 7U);
  EXPECT_EQ(job->tables.at("default").dim, 4U);
  EXPECT_EQ(job->tables.at("wide").updater.kind, UpdaterKind::kFtrl);
  EXPECT_THAT(job->model.hidden, testing::ElementsAre(3U, 2U));
  EXPECT_EQ(job->data.schema.columns[1].transform, NumericTransform::kLog);
  EXPECT_EQ(job->checkpoint.every, milliseconds(250));
  EXPECT_EQ(job->model.name, "mlp");
}

TEST(Job, ErrorsOfOverridesNameTheOverride) {
  EXPECT_EQ(ErrorOf("", {"train.batchsize=1"}),
            "--set train.batchsize=1: unknown option train.batchsize; the nearest is "
            "train.batch_size");
  EXPECT_EQ(ErrorOf("", {"trian.mode=sync"}),
            "--set trian.mode=sync: unknown option trian; the nearest is train");
  EXPECT_EQ(ErrorOf("", {"train.epochs=x"}),
            "--set train.epochs=x: train.epochs is text; it must be a whole number");
  EXPECT_EQ(ErrorOf("", {"train.epochs=0"}),
            "--set train.epochs=0: train.epochs = 0: must be at least 1");
  EXPECT_EQ(ErrorOf("", {"train.epochs"}), "--set train.epochs: must be path.key=value");
  EXPECT_EQ(ErrorOf("", {"data.column.sex.type=list"}),
            "--set data.column.sex.type=list: there is no data.column.sex in the job file");
  EXPECT_EQ(ErrorOf("seed = 1", {"data.train.x=1"}),
            "--set data.train.x=1: data.train is not a section");
}

TEST(Job, VariablesInPaths) {
  setenv("ROOKERY_TEST_DIRECTORY", "/some/where", 1);
  unsetenv("ROOKERY_TEST_ABSENT");
  const StatusOr<Job> job = Parse("test = [\"${ROOKERY_TEST_DIRECTORY}/a\", \"b$c\"]");
  ASSERT_TRUE(job.ok());
  EXPECT_THAT(job->data.test, testing::ElementsAre("/some/where/a", "b$c"));
  EXPECT_EQ(ErrorOf("test = [\"${ROOKERY_TEST_ABSENT}/a\"]"),
            "job.toml:6:8: data.test: ${ROOKERY_TEST_ABSENT} is not set; set it in the "
            "environment: export ROOKERY_TEST_ABSENT=...");
  EXPECT_EQ(ErrorOf("test = [\"${A\"]"), "job.toml:6:8: data.test: \"${\" without \"}\"");
}

TEST(Job, TheResolvedJobReadsBackToItself) {
  const StatusOr<Job> job = Parse(
      "salt = 12345\nmissing = [\"\\t\\\"\\\\\\u0001\"]\n[dense]\nlearning_rate = 0.1\n"
      "[table.t-1]\nl2 = 1e-7\n",
      {"data.column.age.fill=-0.3"});
  ASSERT_TRUE(job.ok()) << job.status().message();
  const std::string text = JobToToml(*job);
  const StatusOr<Job> again = ParseJob(text, "resolved.toml", {});
  ASSERT_TRUE(again.ok()) << again.status().message() << "\n" << text;
  EXPECT_EQ(JobToToml(*again), text);
  EXPECT_EQ(JobHash(*again), JobHash(*job));
  EXPECT_EQ(again->dense, job->dense);
  EXPECT_EQ(again->tables.at("t-1").updater, job->tables.at("t-1").updater);
  EXPECT_EQ(again->data.schema.columns[1].fill, -0.3F);
  EXPECT_EQ(again->data.schema.missing, job->data.schema.missing);
}

TEST(JobHash, ChangesWithWhatDecidesTheNumbersOnly) {
  const auto hash = [](const std::string& set) {
    const StatusOr<Job> job = Parse("", {set});
    EXPECT_TRUE(job.ok()) << set << ": " << job.status().message();
    return job.ok() ? JobHash(*job) : 0;
  };
  const std::uint64_t base = hash("seed=1");
  for (const char* set : {"seed=2", "data.salt=3", "data.column.age.transform=log", "model.name=fm",
                          "table.default.dim=8", "dense.learning_rate=0.5", "train.batch_size=2048",
                          "train.mode=async", "train.slices=2", "train.part_examples=64"}) {
    EXPECT_NE(hash(set), base) << set;
  }
  for (const char* set :
       {"data.train=[\"b\"]", "data.test=[\"b\"]", "cluster.servers=3", "train.epochs=9",
        "checkpoint.every=1h", "run_directory=x", "train.prefetch=9", "train.max_steps=5"}) {
    EXPECT_EQ(hash(set), base) << set;
  }
}

TEST(LoadJob, NamesTheMissingFile) {
  MemoryFileSystem files;
  const StatusOr<Job> job = LoadJob(files, "no/such.toml", {});
  ASSERT_FALSE(job.ok());
  EXPECT_EQ(job.status().code(), Code::kInvalidInput);
  EXPECT_THAT(job.status().message(), testing::StartsWith("no/such.toml: there is no such job"));
}

}  // namespace
}  // namespace rookery
