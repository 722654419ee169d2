// data.negative_keep and the dropout of columns: they change training alone, alike on any cluster.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/launch/testing/cluster_run.h"

namespace rookery::testing {
namespace {

using ::testing::HasSubstr;
using Overrides = std::vector<std::string>;

struct End {
  std::string digest;
  double examples = 0;
};

End Train(Overrides overrides, const ClusterShape& cluster) {
  overrides.insert(overrides.end(), {"train.slices=6", "train.batch_size=48"});
  MemoryFileSystem files;
  WriteText(files, "train-0.csv", ClickRows(600, 4));
  const ClusterRun run = RunCluster(files, overrides, cluster);
  EXPECT_TRUE(run.status.ok()) << run.status.ToString();
  return {FinalDigest(files), static_cast<double>(run.Count("examples"))};
}

TEST(Thinning, IsTheSameOnAnyCluster) {
  const Overrides thin = {"data.negative_keep=0.5", "data.column.a.dropout=0.25",
                          "data.column.c.dropout=0.5"};
  const End plain = Train({}, {1, 1});
  const End one = Train(thin, {1, 1});
  const End three = Train(thin, {2, 3});
  EXPECT_EQ(one.digest, three.digest);
  EXPECT_NE(one.digest, plain.digest);
  EXPECT_EQ(one.examples, three.examples);
  EXPECT_LT(one.examples, 0.85 * plain.examples);
  EXPECT_GT(one.examples, 0.6 * plain.examples);
}

TEST(Thinning, WantsLabelsOfZeroAndOne) {
  MemoryFileSystem files;
  WriteText(files, "train-0.csv", ClickRows(20, 4));
  const ClusterRun run =
      RunCluster(files, {"data.negative_keep=0.5", "model.loss=\"squared\""}, {1, 1});
  EXPECT_THAT(run.status.message(), HasSubstr("is for labels 0 and 1"));
}

}  // namespace
}  // namespace rookery::testing
