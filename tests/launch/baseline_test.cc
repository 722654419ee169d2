// `rookery baseline` on data made here: both tasks, the trainer's numbers, and mistakes.
#include "launch/baseline/baseline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/launch/testing/cluster_run.h"

namespace rookery::testing {
namespace {

using ::testing::HasSubstr;

constexpr const char* kRankingJob = R"(
seed = 3
[data]
format = "sequence"
train = ["train.txt"]
valid = ["valid.txt"]
test = ["test.txt"]
chunk_examples = 8
column = [{name = "user", type = "categorical"}, {name = "item", type = "list"}]
[model]
name = "popularity"
[train]
slices = 2
batch_size = 16
[cluster]
threads = 1
heartbeat_every = "20ms"
)";

constexpr const char* kRatingJob = R"(
[data]
format = "csv"
train = ["train.csv"]
test = ["test.csv"]
column = [{name = "user", type = "categorical"}, {name = "item", type = "categorical"},
          {name = "stars", type = "label"}]
[model]
name = "mf"
loss = "squared"
)";

// A user likes items of one of three groups of 20; some items of a group are liked more.
void WriteLines(FileSystem& files) {
  Random random(41, Purpose::kTest);
  std::string train, valid, test, attributes;
  for (std::uint64_t user = 0; user < 90; ++user) {
    std::vector<std::uint64_t> items;
    for (std::uint64_t i = 0; i < 20; ++i) items.push_back(i * 3 + user % 3);
    for (std::size_t i = items.size(); i > 1; --i) {
      std::swap(items[i - 1], items[random.NextBelow(i)]);
    }
    const auto line = [&](std::size_t begin, std::size_t end) {
      std::string text = StrCat("u", user);
      for (std::size_t i = begin; i < end; ++i) text += StrCat(" i", items[i]);
      return text + "\n";
    };
    train += line(0, 6 + user % 5);
    valid += line(11, 13);
    test += line(13, 16);
  }
  for (std::uint64_t item = 0; item < 60; ++item) {
    attributes += StrCat("i", item, " group", item % 3, " x", item % 7, "\n");
  }
  WriteText(files, "train.txt", train);
  WriteText(files, "valid.txt", valid);
  WriteText(files, "test.txt", test + "newcomer i1 i2 i3\n");
  WriteText(files, "attributes.txt", attributes);
}

void WriteRatings(FileSystem& files) {
  Random random(42, Purpose::kTest);
  std::string train, test;
  for (int user = 0; user < 60; ++user) {
    for (int item = 0; item < 30; ++item) {
      const double taste =
          (user % 2 == item % 2 ? 1.0 : -1.0) + 0.1 * (item % 5) + 0.2 * (user % 3);
      const std::string row =
          StrCat("u", user, ",i", item, ",", 3 + taste + 0.2 * random.NextNormal(), "\n");
      (random.NextBelow(4) == 0 ? test : train) += row;
    }
  }
  WriteText(files, "train.csv", train);
  WriteText(files, "test.csv", test + "nobody,nothing,3\n");
}

BaselineOptions Of(std::vector<std::string> methods, std::vector<std::string> settings = {},
                   std::vector<std::string> attributes = {}, std::uint64_t memory_bytes = 0) {
  BaselineOptions options;
  options.methods = std::move(methods);
  options.settings = std::move(settings);
  options.attributes = std::move(attributes);
  options.memory_bytes = memory_bytes;
  return options;
}

StatusOr<BaselineReport> Baselines(FileSystem& files, const char* toml, BaselineOptions options,
                                   const std::vector<std::string>& overrides = {},
                                   std::size_t threads = 1) {
  ROOKERY_ASSIGN_OR_RETURN(const Job job, ParseJob(toml, "job.toml", overrides));
  ComputePool pool(threads);
  return RunBaselines(files, job, options, &pool);
}

const BaselineLine& LineOf(const BaselineReport& report, const std::string& method) {
  static const BaselineLine kNone;
  for (const BaselineLine& line : report.lines) {
    if (line.method == method) return line;
  }
  ADD_FAILURE() << method << " is not in the report";
  return kNone;
}

TEST(Baseline, PopularityHasTheTrainersNumbers) {
  const std::pair<const char*, int> kinds[] = {
      {"data.mask_valid=true", 23}, {"data.mask_valid=false", 23}, {"data.rank_negatives=10", 21}};
  for (const auto& [kind, metrics] : kinds) {
    MemoryFileSystem files;
    WriteLines(files);
    const ClusterRun run = RunCluster(files, {kind}, {1, 1}, Resume::kNo, kRankingJob);
    ASSERT_TRUE(run.status.ok()) << run.status.ToString();
    const auto report = Baselines(files, kRankingJob, Of({"popularity"}), {kind});
    ASSERT_TRUE(report.ok()) << report.status().ToString();
    int compared = 0;
    const Json trained = run.Field("test");
    for (const auto& [name, value] : report->lines[0].test) {
      if (!trained.as_object().contains(name)) continue;
      EXPECT_EQ(value, trained.as_object().at(name).as_double()) << name;
      ++compared;
    }
    EXPECT_EQ(compared, metrics) << kind;
    EXPECT_EQ(report->lines[0].test.size(), static_cast<std::size_t>(metrics)) << kind;
  }
}

TEST(Baseline, EveryMethodFindsTheGroupsAndPopularityDoesNot) {
  MemoryFileSystem files;
  WriteLines(files);
  const auto report = Baselines(files, kRankingJob, Of({}, {}, {"attributes.txt"}));
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  const double popular = LineOf(*report, "popularity").test.at("recall@20");
  EXPECT_LT(popular, 0.5);
  for (const char* method :
       {"item_knn", "user_knn", "als", "ease", "slim", "content", "ease+user_knn"}) {
    const BaselineLine& line = LineOf(*report, method);
    EXPECT_GT(line.test.at("recall@20"), 0.9) << method;
    EXPECT_GT(line.valid.at("recall@20"), 0.9) << method;
    EXPECT_GT(line.test.at("coverage@10"), 0.9) << method;
  }
  EXPECT_EQ(LineOf(*report, "item_knn").tried, 9U);
  EXPECT_EQ(LineOf(*report, "ease+user_knn").tried, 5U);
  EXPECT_THAT(BaselineText(*report), HasSubstr("novelty@10"));
  EXPECT_THAT(WriteJson(BaselineJson(*report)), HasSubstr("\"map@20\""));
}

TEST(Baseline, SettingsAreChosenOnValid) {
  MemoryFileSystem files;
  WriteLines(files);
  const auto chosen = Baselines(files, kRankingJob, Of({"user_knn"}));
  ASSERT_TRUE(chosen.ok()) << chosen.status().ToString();
  double best = 0;
  for (const int neighbours : {50, 100, 200, 400}) {
    for (const int shrinkage : {0, 10, 100}) {
      const auto one = Baselines(files, kRankingJob,
                                 Of({"user_knn"}, {StrCat("user_knn.neighbours=", neighbours),
                                                   StrCat("user_knn.shrinkage=", shrinkage)}));
      ASSERT_TRUE(one.ok()) << one.status().ToString();
      EXPECT_EQ(one->lines[0].tried, 1U);
      best = std::max(best, one->lines[0].valid.at("ndcg@10"));
    }
  }
  EXPECT_EQ(chosen->lines[0].valid.at("ndcg@10"), best);
}

TEST(Baseline, TheSameBitsWithAnyNumberOfThreads) {
  MemoryFileSystem files;
  WriteLines(files);
  WriteRatings(files);
  for (const char* job : {kRankingJob, kRatingJob}) {
    std::string first;
    for (const std::size_t threads : {1U, 3U}) {
      const auto report = Baselines(files, job, {}, {}, threads);
      ASSERT_TRUE(report.ok()) << report.status().ToString();
      const std::string json = WriteJson(BaselineJson(*report));
      EXPECT_EQ(json, first.empty() ? json : first);
      first = json;
    }
  }
}

TEST(Baseline, LeavesOutOneItemOfALine) {
  MemoryFileSystem files;
  WriteLines(files);
  const auto report = Baselines(
      files, kRankingJob, Of({"item_knn"}),
      {"data.split=\"leave_one_out\"", "data.valid=[\"train.txt\"]", "data.test=[\"train.txt\"]"});
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_GT(report->lines[0].test.at("hr@20"), 0.9);
  EXPECT_EQ(report->lines[0].test.at("hr@20"), report->lines[0].test.at("recall@20"));
}

TEST(Baseline, NeighboursPredictRatingsThatBiasesCannot) {
  MemoryFileSystem files;
  WriteRatings(files);
  const auto report = Baselines(files, kRatingJob, {});
  ASSERT_TRUE(report.ok()) << report.status().ToString();
  EXPECT_GT(LineOf(*report, "mean").test.at("rmse"), 0.95);
  EXPECT_GT(LineOf(*report, "bias").test.at("rmse"), 0.95);
  EXPECT_LT(LineOf(*report, "item_knn").test.at("rmse"), 0.4);
  EXPECT_LT(LineOf(*report, "user_knn").test.at("rmse"), 0.4);
  EXPECT_TRUE(LineOf(*report, "bias").valid.empty());
}

TEST(Baseline, MistakesAreNamed) {
  MemoryFileSystem files;
  WriteLines(files);
  WriteRatings(files);
  const auto error = [&](const char* job, BaselineOptions options,
                         const std::vector<std::string>& overrides = {}) {
    return Baselines(files, job, std::move(options), overrides).status().ToString();
  };
  EXPECT_THAT(error(kRankingJob, Of({"eaze"})), HasSubstr("unknown method 'eaze'; there"));
  EXPECT_THAT(error(kRankingJob, Of({"ease+"})), HasSubstr("unknown method ''"));
  EXPECT_THAT(error(kRankingJob, Of({"content"})), HasSubstr("needs --attributes"));
  EXPECT_THAT(error(kRatingJob, Of({"mean+bias"})), HasSubstr("ratings are not"));
  EXPECT_THAT(error(kRankingJob, Of({}, {"ease.l2"})), HasSubstr("METHOD.NAME=VALUE"));
  EXPECT_THAT(error(kRankingJob, Of({}, {"ease.k=3"})), HasSubstr("has the settings l2"));
  EXPECT_THAT(error(kRankingJob, Of({}, {"ease.l2=0"})), HasSubstr("a number from 0.001"));
  EXPECT_THAT(error(kRankingJob, Of({}, {"als.dim=2.5"})), HasSubstr("a whole number from 1"));
  EXPECT_THAT(error(kRankingJob, Of({}, {"als.alpha=nan"})), HasSubstr("is needed"));
  EXPECT_THAT(error(kRankingJob, Of({"ease"}, {}, {}, 1000)), HasSubstr("method 'ease' needs"));
  EXPECT_THAT(error(kRatingJob, Of({"item_knn"}, {}, {}, 1000)), HasSubstr("leave it out"));
  EXPECT_THAT(error(kRatingJob, {}, {"model.loss=\"bce\""}), HasSubstr("this job has neither"));
  WriteText(files, "other.txt", "1 genre\n");
  EXPECT_THAT(error(kRankingJob, Of({}, {}, {"other.txt"})), HasSubstr("other.txt: no item"));
}

}  // namespace
}  // namespace rookery::testing
