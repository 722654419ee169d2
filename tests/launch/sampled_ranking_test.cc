// Jobs that rank what is wanted among sampled items.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "models/ranking_metrics.h"
#include "tests/launch/testing/ranking_run.h"

namespace rookery::testing {
namespace {

// All six users have items 1 and 2, five have 3, four have 4, and so on. u1 has 1 and 2, in valid
// 4, and wants 5, before which 3 and 4 are ranked.
TEST(SampledRanking, ByHand) {
  const auto reciprocal_rank = [](const char* negatives, const char* more) {
    MemoryFileSystem files;
    WriteText(files, "train-0.txt",
              "u1 1 2\nu2 1 2 3\nu3 1 2 3 4\nu4 1 2 3 4 5\nu5 1 2 3 4 5 6\nu6 1 2 3 4 5 6 7\n");
    WriteText(files, "valid.txt", "u1 4\n");
    WriteText(files, "test.txt", "u1 5\n");
    const ClusterRun run =
        Rank(files, {"model.name=\"popularity\"", "data.train=[\"train-0.txt\"]", "train.epochs=1",
                     StrCat("data.rank_negatives=", negatives), more});
    EXPECT_TRUE(run.status.ok()) << run.status.ToString();
    return Metric(run, "test", "mrr@5");
  };
  // All of 3, 6 and 7 are drawn; without the mask of valid 4 as well.
  EXPECT_NEAR(reciprocal_rank("4", "data.mask_valid=true"), 1 / 2.0, 1e-11);
  EXPECT_NEAR(reciprocal_rank("4", "data.mask_valid=false"), 1 / 3.0, 1e-11);
  // One of 3, 6 and 7: item 5 is first or second.
  const double one = reciprocal_rank("1", "data.rank_sampling=\"popularity\"");
  EXPECT_TRUE(std::abs(one - 1) < 1e-11 || std::abs(one - .5) < 1e-11) << one;
}

// The same weights with any rule, and with more items than there are the full ranking.
TEST(SampledRanking, TheSameOnThreeWorkers) {
  const auto run_of = [](std::uint32_t workers, const char* negatives) {
    MemoryFileSystem files;
    WriteLines(files);
    ClusterRun run = Rank(files,
                          {"train.slices=3", "train.batch_size=96", "train.epochs=2",
                           "data.chunk_examples=2", StrCat("data.rank_negatives=", negatives)},
                          {2, workers});
    EXPECT_TRUE(run.status.ok()) << run.status.ToString();
    return run;
  };
  const ClusterRun one = run_of(1, "10"), three = run_of(3, "10");
  for (const char* set : {"valid", "test"}) {
    EXPECT_EQ(WriteJson(one.Field(set)), WriteJson(three.Field(set)));
    EXPECT_EQ(Metric(one, set, "coverage@10"), -1);  // there are no lists
  }
  const ClusterRun full = run_of(1, "0"), every = run_of(1, "1000");
  EXPECT_GT(Metric(one, "test", "recall@10"), 1.2 * Metric(full, "test", "recall@10"));
  for (const std::string& name : RankingMetricNames()) {
    EXPECT_EQ(Metric(every, "test", name.c_str()), Metric(full, "test", name.c_str())) << name;
  }
}

// A checkpoint can be evaluated by another rule.
TEST(SampledRanking, IsNoPartOfTheJobHash) {
  const auto hash = [](const char* set) {
    return JobHash(*ParseJob(kRankingJob, "job.toml", {set}));
  };
  EXPECT_EQ(hash("data.rank_negatives=10"), hash("seed=3"));
  EXPECT_EQ(hash("data.rank_sampling=\"popularity\""), hash("seed=3"));
  EXPECT_NE(hash("data.negative_sampling=\"popularity\""), hash("seed=3"));
}

}  // namespace
}  // namespace rookery::testing
