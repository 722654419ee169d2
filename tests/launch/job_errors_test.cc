// Every kind of wrong job file, by the exact text of its error.
#include "launch/job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rookery {
namespace {

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
              "job.toml:7:8: Error while parsing value: could not "
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
        Wrong{"[train]\ngroup = \"age\"",
              "job.toml:7:9: train.group = \"age\": is no feature with one key an example; known: "
              "city"},
        Wrong{"[train]\ngroup = \"city\"\n[model]\nloss = \"squared\"",
              "job.toml:7:9: train.group = \"city\": the AUC is of labels 0 and 1, a loss like "
              "\"bce\""},
        Wrong{"[train]\nmetric = \"gauc\"",
              "job.toml:7:10: train.metric = \"gauc\": needs train.group, the column whose values "
              "are groups"},
        Wrong{
            "rank_negatives = 100",
            "job.toml:6:18: data.rank_negatives = 100: is for rankings of items, of data.format = "
            "\"sequence\""},
        Wrong{"[dense]\nweight_decay = 0.1",
              "job.toml:7:16: dense.weight_decay = 0.1: only the updaters adamw and lamb have it; "
              "others have l2"},
        Wrong{"[dense]\nupdater = \"lamb\"\n[train]\ndense = \"server\"",
              "job.toml:7:11: dense.updater = \"lamb\": needs the norms of whole layers, which "
              "train.dense = \"server\" cuts into segments; use train.dense = \"allreduce\" or "
              "updater = \"adamw\""},
        Wrong{"[dense]\nclip_cow = 1",
              "job.toml:7:12: dense.clip_cow = 1.0: is for rows of tables; [dense] has clip_norm"},
        Wrong{"[train]\nstaleness_scaling = true",
              "job.toml:7:21: train.staleness_scaling = true: in mode \"sync\" no push is late; "
              "leave it out, or use mode \"bounded\" or \"async\""},
        Wrong{"[train]\ndelay_compensation = 0.5",
              "job.toml:7:22: train.delay_compensation = 0.5: in mode \"sync\" no push is late; "
              "leave it out, or use mode \"bounded\" or \"async\""},
        Wrong{"[table.wide]\nupdater = \"ftrl\"\n[train]\nmode = \"async\"\n"
              "staleness_scaling = true",
              "job.toml:7:11: table.wide.updater = \"ftrl\": its weights are a function of the "
              "rate, which train.staleness_scaling would shrink with it; use another updater, or "
              "leave staleness_scaling out"},
        Wrong{"[train]\nunseen = [\"city\", \"age\"]",
              "job.toml:7:10: train.unseen = [\"city\", \"age\"]: 'age' is no categorical feature; "
              "known: city"},
        Wrong{"[[data.bucket]]\nname = \"old\"\ncolumn = \"age\"\nbuckets = 2\n"
              "[train]\nunseen = [\"old\", \"city\", \"old\"]",
              "job.toml:11:10: train.unseen = [\"old\", \"city\", \"old\"]: 'old' comes twice"},
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

}  // namespace
}  // namespace rookery
