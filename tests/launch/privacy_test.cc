// Jobs with DP-SGD: the same bits on any cluster and across a resume, what the summary states, and
// what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scheduler/privacy_accountant.h"
#include "tests/launch/testing/cluster_run.h"

namespace rookery::testing {
namespace {

using ::testing::HasSubstr;
using Overrides = std::vector<std::string>;

constexpr std::size_t kRows = 300;
const Overrides kPrivate = {"privacy.clip_norm=0.5", "privacy.secret=\"of this test\"",
                            "train.epochs=2"};

Overrides Private(const Overrides& more) {
  Overrides all = kPrivate;
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

void WriteInput(FileSystem& files) {
  WriteText(files, "train-0.csv", ClickRows(kRows - 90, 1));
  WriteText(files, "train-1.csv", ClickRows(90, 2));
}

std::string DigestOf(const ClusterShape& cluster, const Overrides& overrides) {
  MemoryFileSystem files;
  WriteInput(files);
  const ClusterRun run = RunCluster(files, overrides, cluster);
  EXPECT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_EQ(run.Count("refused_gradients"), 0U);
  return FinalDigest(files);
}

TEST(Privacy, GivesTheSameBitsOnAnyCluster) {
  const std::string expected = DigestOf({1, 1}, kPrivate);
  EXPECT_EQ(expected.size(), 32U) << expected;
  EXPECT_EQ(DigestOf({1, 4}, kPrivate), expected);
  EXPECT_EQ(DigestOf({3, 2}, kPrivate), expected);
  EXPECT_EQ(DigestOf({2, 1}, Private({"cluster.threads=3"})), expected);
  for (const char* other :
       {"privacy.clip_norm=0.6", "privacy.noise_multiplier=2.0", "privacy.secret=\"other\""}) {
    EXPECT_NE(DigestOf({1, 1}, Private({other})), expected) << other;
  }
}

TEST(Privacy, GivesTheSameBitsWithDenseParametersOnServers) {
  const Overrides on_servers = Private({"train.dense=\"server\""});
  const std::string expected = DigestOf({1, 1}, on_servers);
  EXPECT_EQ(expected.size(), 32U) << expected;
  EXPECT_EQ(DigestOf({3, 2}, on_servers), expected);
}

TEST(Privacy, TheSummaryStatesWhatWasSpentAlsoAfterAResume) {
  MemoryFileSystem files;
  WriteInput(files);
  ASSERT_TRUE(RunCluster(files, Private({"train.max_steps=4"}), {1, 2}).status.ok());
  const ClusterRun run = RunCluster(files, kPrivate, {2, 4}, Resume::kLatest);
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_EQ(FinalDigest(files), DigestOf({1, 1}, kPrivate));
  const Json privacy = run.Field("privacy");
  const std::uint64_t steps = run.Count("steps");
  EXPECT_GE(steps, 2 * kRows / 64);
  EXPECT_EQ(privacy.at("steps").to_number<std::uint64_t>(), steps);
  EXPECT_EQ(privacy.at("clip_norm").as_double(), 0.5);
  EXPECT_EQ(privacy.at("noise_multiplier").as_double(), 1.0);
  EXPECT_EQ(privacy.at("delta").as_double(), 1e-5);
  EXPECT_EQ(privacy.at("accountant").as_string(), "rdp");
  EXPECT_EQ(privacy.at("sampling_rate").as_double(), 64.0 / kRows);
  EXPECT_EQ(privacy.at("epsilon").as_double(), EpsilonOf({64.0 / kRows, 1, 1e-5, steps}));
}

// Half an epoch: there may be as few examples as were seen.
TEST(Privacy, BeforeTheFirstEpochIsOverTheRateIsAnUpperBound) {
  MemoryFileSystem files;
  WriteInput(files);
  const ClusterRun run = RunCluster(files, Private({"train.max_steps=2"}), {1, 1});
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_EQ(run.Field("privacy").at("sampling_rate").as_double(), 0.5);
}

TEST(Privacy, ClippingAloneGuaranteesNothing) {
  MemoryFileSystem files;
  WriteInput(files);
  const ClusterRun run =
      RunCluster(files, {"privacy.clip_norm=0.5", "privacy.noise_multiplier=0.0"}, {1, 1});
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_TRUE(run.Field("privacy").at("epsilon").is_null());
}

TEST(Privacy, OffSaysNothing) {
  MemoryFileSystem files;
  WriteInput(files);
  const ClusterRun run = RunCluster(files, {}, {1, 1});
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_TRUE(run.Field("privacy").is_null());
}

std::string RefusalOf(const Overrides& overrides) {
  MemoryFileSystem files;
  WriteInput(files);
  const ClusterRun run = RunCluster(files, overrides, {1, 1});
  EXPECT_EQ(run.status.code(), Code::kInvalidInput);
  return run.status.message();
}

TEST(Privacy, RefusesWhatItCannotGuarantee) {
  EXPECT_THAT(RefusalOf({"privacy.clip_norm=1.0"}), HasSubstr("the noise is made from it"));
  for (const char* mode : {"train.mode=\"bounded\"", "train.mode=\"async\""}) {
    EXPECT_THAT(RefusalOf(Private({mode})), HasSubstr("privacy.clip_norm needs \"sync\""));
  }
  EXPECT_THAT(RefusalOf(Private({"train.rollbacks=1"})),
              HasSubstr("must be 0 with privacy.clip_norm"));
  EXPECT_THAT(RefusalOf(Private({"model.norm=\"batch\""})),
              HasSubstr("model.norm = \"batch\" mixes the examples of a batch"));
  EXPECT_THAT(RefusalOf(Private({"model.name=\"dbn\"", "model.pretrain_steps=1"})),
              HasSubstr("model 'dbn' compares the examples"));
  EXPECT_THAT(RefusalOf(Private({"table.default.clip_cow=1.0"})),
              HasSubstr("it counts how often a key occurs"));
  EXPECT_THAT(RefusalOf(Private({"privacy.delta=1.0"})), HasSubstr("privacy.delta"));
}

TEST(Privacy, RefusesModelsThatCompareExamples) {
  const auto refusal = [](const std::string& model) {
    MemoryFileSystem files;
    WriteText(files, "lines.txt", "u1 i1 i2 i3\nu2 i2 i3 i4\n");
    const ClusterRun run = RunCluster(
        files, kPrivate, {1, 1}, Resume::kNo,
        "[data]\nformat = \"sequence\"\ntrain = [\"lines.txt\"]\ncolumn = [{name = \"user\", type "
        "= \"categorical\"}, {name = \"item\", type = \"list\"}]\n[model]\n" +
            model);
    EXPECT_EQ(run.status.code(), Code::kInvalidInput);
    return run.status.message();
  };
  EXPECT_THAT(refusal("name = \"two_tower\"\n"),
              HasSubstr("model 'two_tower' compares the examples"));
  EXPECT_THAT(refusal("name = \"sasrec\"\nitem_loss = \"full_softmax\"\n"),
              HasSubstr("item_loss = \"full_softmax\" tells an item from all others"));
}

}  // namespace
}  // namespace rookery::testing
