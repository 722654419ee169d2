#include "launch/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "io/memory_file_system.h"
#include "launch/option.h"

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
[table.deep]
clip_cow = 2
clip_cow_floor = 0.5
[dense]
updater = "adamw"
weight_decay = 0.01
trust_max = 4
[train]
mode = "bounded"
staleness = 3
delay_compensation = 0.5
dense = "server"
unseen = ["city"]
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
  EXPECT_EQ(job->tables.at("deep").updater.clip_cow, 2.0F);
  EXPECT_EQ(job->tables.at("deep").updater.clip_cow_floor, 0.5F);
  EXPECT_EQ(job->dense.weight_decay, 0.01F);
  EXPECT_EQ(job->dense.trust_max, 4.0F);
  EXPECT_EQ(job->train.mode, TrainMode::kBounded);
  EXPECT_EQ(job->train.staleness, 3U);
  EXPECT_EQ(job->train.delay_compensation, 0.5F);
  EXPECT_FALSE(job->train.staleness_scaling);
  EXPECT_THAT(job->train.unseen, testing::ElementsAre("city"));
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
                          "train.mode=async", "train.slices=2", "train.part_examples=64",
                          "dense.trust_max=3", "table.default.clip_cow=1",
                          "table.default.clip_cow_floor=0.5", "privacy.noise_multiplier=2.0"}) {
    EXPECT_NE(hash(set), base) << set;
  }
  for (const char* set : {"data.train=[\"b\"]", "data.test=[\"b\"]", "cluster.servers=3",
                          "train.epochs=9", "checkpoint.every=1h", "run_directory=x",
                          "train.prefetch=9", "train.max_steps=5", "train.group=city",
                          "dense.trust_max=10", "train.unseen=[\"city\"]", "privacy.delta=1e-6"}) {
    EXPECT_EQ(hash(set), base) << set;
  }
  const auto async_hash = [](const std::string& set) {
    const StatusOr<Job> job = Parse("", {"train.mode=async", set});
    EXPECT_TRUE(job.ok()) << set << ": " << job.status().message();
    return job.ok() ? JobHash(*job) : 0;
  };
  EXPECT_EQ(async_hash("train.staleness_scaling=true"), async_hash("train.prefetch=9"));
  EXPECT_EQ(async_hash("train.delay_compensation=0.5"), async_hash("train.prefetch=9"));
}

TEST(LoadJob, NamesTheMissingFile) {
  MemoryFileSystem files;
  const StatusOr<Job> job = LoadJob(files, "no/such.toml", {});
  ASSERT_FALSE(job.ok());
  EXPECT_EQ(job.status().code(), Code::kInvalidInput);
  EXPECT_THAT(job.status().message(), testing::StartsWith("no/such.toml: there is no such job"));
}

TEST(Option, BytesHaveDecimalAndBinaryUnits) {
  EXPECT_EQ(ParseBytes("8GB"), 8'000'000'000U);
  EXPECT_EQ(ParseBytes("512MiB"), 512U << 20U);
  EXPECT_EQ(ParseBytes("7B"), 7U);
  EXPECT_EQ(ParseBytes("0"), 0U);
  for (const char* wrong : {"", "8", "GB", "-1GB", "8 GB", "8gb", "1.5GB", "99999999999TB"}) {
    EXPECT_EQ(ParseBytes(wrong), std::nullopt) << wrong;
  }
  for (const char* text : {"0", "8GB", "512MiB", "3TB", "1500MB", "7B"}) {
    EXPECT_EQ(FormatBytes(*ParseBytes(text)), text);
  }
}

}  // namespace
}  // namespace rookery
