// Jobs on lines of users and items: training, ranking and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/launch/testing/ranking_run.h"

namespace rookery::testing {
namespace {

using ::testing::HasSubstr;

TEST(Ranking, FindsWhatUsersOfAGroupLike) {
  MemoryFileSystem files;
  WriteLines(files);
  const ClusterRun run = Rank(files, {"train.keep_best=true", "train.epochs=12"});
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  // At random 10 of 80 are found; of the own group's 20 that are left, 10.
  EXPECT_GT(Metric(run, "test", "recall@10"), 0.4) << run.summary;
  EXPECT_GT(Metric(run, "test", "recall@20"), 0.8) << run.summary;
  EXPECT_GT(Metric(run, "valid", "ndcg@10"), 0.15) << run.summary;
}

TEST(Ranking, TheSameBitsOnAnyNumberOfServersAndWorkers) {
  std::string digest;
  std::string test;
  for (const ClusterShape& cluster : {ClusterShape{1, 1}, {2, 1}, {1, 2}, {2, 4}}) {
    MemoryFileSystem files;
    WriteLines(files);
    const ClusterRun run = Rank(files, {"train.epochs=3"}, cluster);
    ASSERT_TRUE(run.status.ok()) << run.status.ToString();
    const std::string now = FinalDigest(files);
    EXPECT_EQ(now, digest.empty() ? now : digest) << cluster.workers;
    digest = now;
    const std::string metrics = WriteJson(run.Field("test"));
    EXPECT_THAT(metrics, HasSubstr("map@20"));
    EXPECT_EQ(metrics, test.empty() ? metrics : test) << cluster.workers;
    test = metrics;
  }
}

// Slices make the weights the same, so to the last bit the metrics are.
TEST(Ranking, ThreeWorkersRankAsOne) {
  std::string test;
  for (const std::uint32_t workers : {1U, 3U}) {
    MemoryFileSystem files;
    WriteLines(files);
    const ClusterRun run = Rank(
        files, {"train.slices=3", "train.batch_size=96", "train.epochs=2", "data.chunk_examples=2"},
        {2, workers});
    ASSERT_TRUE(run.status.ok()) << run.status.ToString();
    const std::string metrics = WriteJson(run.Field("test"));
    EXPECT_EQ(metrics, test.empty() ? metrics : test);
    test = metrics;
  }
}

TEST(Ranking, GoesOnAfterACheckpointAsIfNothingHadBeen) {
  MemoryFileSystem whole;
  WriteLines(whole);
  ASSERT_TRUE(Rank(whole, {"train.epochs=3"}).status.ok());
  MemoryFileSystem files;
  WriteLines(files);
  const ClusterRun first = Rank(files, {"train.epochs=3", "train.max_steps=50"});
  ASSERT_TRUE(first.status.ok()) << first.status.ToString();
  EXPECT_NE(FinalDigest(files), FinalDigest(whole));
  const ClusterRun second = Rank(files, {"train.epochs=3"}, {2, 2}, Resume::kLatest);
  ASSERT_TRUE(second.status.ok()) << second.status.ToString();
  EXPECT_EQ(FinalDigest(files), FinalDigest(whole));
}

TEST(Ranking, LeavesOutOneItemOfALine) {
  MemoryFileSystem files;
  WriteLines(files);
  const std::vector<std::string> split = {"data.split=\"leave_one_out\"",
                                          "data.valid=[\"train-*.txt\"]",
                                          "data.test=[\"train-*.txt\"]"};
  const ClusterRun run = Rank(files, split);
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_GT(Metric(run, "test", "hr@20"), 0.6) << run.summary;  // 20 of 82 at random
  // One item is wanted of each user.
  EXPECT_DOUBLE_EQ(Metric(run, "test", "hr@20"), Metric(run, "test", "recall@20"));
}

TEST(Ranking, NegativesAndMasksAreOptions) {
  std::set<std::string> digests;
  std::set<std::string> tests;
  for (const char* option :
       {"data.negatives=1", "data.negative_sampling=\"popularity\"", "data.mask_valid=false"}) {
    MemoryFileSystem files;
    WriteLines(files);
    const ClusterRun run = Rank(files, {option, "train.epochs=2"});
    ASSERT_TRUE(run.status.ok()) << run.status.ToString();
    digests.insert(FinalDigest(files));
    tests.insert(WriteJson(run.Field("test")));
  }
  EXPECT_EQ(digests.size(), 3U);
  EXPECT_EQ(tests.size(), 3U);
}

// Everybody has item 1; 3 users have 2, one has 3. u4 wants 3, which only 2 is ranked before.
TEST(Ranking, PopularityIsTheBaseline) {
  MemoryFileSystem files;
  WriteText(files, "train-0.txt", "u1 1 2\nu2 1 2\nu3 1 2 3\nu4 1\n");
  WriteText(files, "test.txt", "u4 3\n");
  const ClusterRun run = Rank(files, {"model.name=\"popularity\"", "data.valid=[]",
                                      "data.train=[\"train-0.txt\"]", "train.epochs=1"});
  ASSERT_TRUE(run.status.ok()) << run.status.ToString();
  EXPECT_NEAR(Metric(run, "test", "mrr@5"), 0.5, 1e-11) << run.summary;
}

// A line walks through 40 items in a circle, by one or two steps at a time.
void WriteWalks(FileSystem& files) {
  Random random(32, Purpose::kTest);
  std::string text;
  for (int user = 0; user < 150; ++user) {
    std::uint64_t at = random.NextBelow(40);
    text += StrCat("u", user);
    for (std::uint64_t i = 0; i < 6 + random.NextBelow(6); ++i) {
      text += StrCat(" i", at);
      at = (at + 1 + random.NextBelow(2)) % 40;
    }
    text += "\n";
  }
  WriteText(files, "walks.txt", text);
}

const std::vector<std::string> kWalks = {"model.name=\"sasrec\"",
                                         "model.attention_layers=1",
                                         "model.dropout=0.1",
                                         "data.train=[\"walks.txt\"]",
                                         "data.valid=[\"walks.txt\"]",
                                         "data.test=[\"walks.txt\"]",
                                         "data.split=\"leave_one_out\"",
                                         "data.max_length=8",
                                         "train.slices=3",
                                         "train.batch_size=48",
                                         "data.chunk_examples=4",
                                         "table.default.learning_rate=0.01",
                                         "dense.learning_rate=0.01"};

ClusterRun Walk(FileSystem& files, std::vector<std::string> overrides,
                const ClusterShape& cluster = {1, 1}, Resume resume = Resume::kNo) {
  overrides.insert(overrides.begin(), kWalks.begin(), kWalks.end());
  return Rank(files, overrides, cluster, resume);
}

// Two of 40 items can be next, of which the user may have seen none: at random 1 in 4 is in 10.
TEST(NextItem, ModelsLearnWhereAWalkGoes) {
  using Case = std::pair<const char*, const char*>;
  for (const auto& [model, loss] : {Case("sasrec", "bce"), Case("gru4rec", "bce"),
                                    Case("gru4rec", "full_softmax"), Case("caser", "bce")}) {
    MemoryFileSystem files;
    WriteWalks(files);
    const ClusterRun run =
        Walk(files, {StrCat("model.name=\"", model, "\""), StrCat("model.item_loss=\"", loss, "\""),
                     "model.hidden=[8]", "train.epochs=40", "train.keep_best=true"});
    ASSERT_TRUE(run.status.ok()) << run.status.ToString();
    EXPECT_GT(Metric(run, "test", "hr@5"), 0.7) << model << loss << run.summary;
  }
}

TEST(NextItem, TheSameBitsOnThreeWorkersAndAfterAResume) {
  std::string digest, test;
  for (const std::uint32_t workers : {1U, 3U}) {
    MemoryFileSystem files;
    WriteWalks(files);
    const ClusterRun run = Walk(files, {"train.epochs=3"}, {2, workers});
    ASSERT_TRUE(run.status.ok()) << run.status.ToString();
    const std::string now = FinalDigest(files), metrics = WriteJson(run.Field("test"));
    EXPECT_EQ(now, digest.empty() ? now : digest);
    EXPECT_EQ(metrics, test.empty() ? metrics : test);
    digest = now;
    test = metrics;
  }
  MemoryFileSystem files;
  WriteWalks(files);
  const ClusterRun first = Walk(files, {"train.epochs=3", "train.max_steps=5"});
  ASSERT_TRUE(first.status.ok()) << first.status.ToString();
  EXPECT_NE(FinalDigest(files), digest);
  const ClusterRun second = Walk(files, {"train.epochs=3"}, {1, 3}, Resume::kLatest);
  ASSERT_TRUE(second.status.ok()) << second.status.ToString();
  EXPECT_EQ(FinalDigest(files), digest);
}

TEST(NextItem, OptionsOfTheExamplesChangeThem) {
  std::set<std::string> digests;
  for (const char* option : {"data.negatives=1", "data.negatives=2", "data.max_length=3",
                             "data.keep=\"first\"", "model.item_rows=\"own\""}) {
    MemoryFileSystem files;
    WriteWalks(files);
    const ClusterRun run = Walk(files, {"data.max_length=4", option, "train.epochs=1"});
    ASSERT_TRUE(run.status.ok()) << run.status.ToString();
    digests.insert(FinalDigest(files));
  }
  EXPECT_EQ(digests.size(), 5U);
}

TEST(NextItem, NeedsLinesOfItems) {
  MemoryFileSystem files;
  WriteText(files, "train-0.csv", ClickRows(100, 1));
  EXPECT_THAT(RunCluster(files, {"model.name=\"sasrec\""}).status.message(),
              HasSubstr("this data has not: data.format = \"sequence\""));
  WriteWalks(files);
  EXPECT_THAT(Walk(files, {"model.name=\"din\""}).status.message(), HasSubstr("model 'din'"));
  EXPECT_THAT(Walk(files, {"data.max_length=0"}).status.message(), HasSubstr("data.max_length"));
}

TEST(Ranking, MistakesAreRefusedBeforeTraining) {
  MemoryFileSystem files;
  WriteLines(files);
  const auto error = [&](const std::string& override_text) {
    return Rank(files, {override_text}).status.message();
  };
  EXPECT_THAT(error("model.name=\"fm\""), HasSubstr("model 'fm' does not rank items"));
  EXPECT_THAT(error("train.metric=\"auc\""), HasSubstr("choose one like \"ndcg@10\""));
  EXPECT_THAT(error("data.negatives=0"), HasSubstr("negatives"));
  EXPECT_THAT(error("data.split=\"ratio\""), HasSubstr("leave_one_out"));
  EXPECT_THAT(error("model.loss=\"squared\""), HasSubstr("its loss is \"bce\""));
  EXPECT_THAT(RunCluster(files, {"train.metric=\"hr@5\""}).status.message(), HasSubstr("train"));
  WriteText(files, "valid.txt", "u1 i1\n");
  WriteText(files, "train-0.txt", "u1\n");
  WriteText(files, "train-1.txt", "u2 \n");
  EXPECT_THAT(Rank(files).status.ToString(), HasSubstr("no user with an item to train on"));
}

}  // namespace
}  // namespace rookery::testing
