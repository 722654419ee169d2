#include "scheduler/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "common/json.h"

namespace rookery {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// Metrics of these tests: a text of digits whose "auc" is their sum / 100; "bad" is refused.
StatusOr<MergedMetrics> Merge(std::span<const std::string> parts) {
  MergedMetrics merged;
  double sum = 0;
  for (const std::string& part : parts) {
    if (part == "bad") return Corrupt("not metrics");
    merged.encoded += part;
    for (char digit : part) sum += digit - '0';
  }
  if (!merged.encoded.empty()) merged.values["auc"] = sum / 100;
  return merged;
}

TimePoint At(Duration time) {
  return TimePoint(seconds(1000) + time);
}

Heartbeat OfWorker(std::uint64_t examples, double loss_sum, std::uint64_t step,
                   std::string metrics = "") {
  Heartbeat beat;
  beat.examples = examples;
  beat.loss_sum = loss_sum;
  beat.step = step;
  beat.metrics = std::move(metrics);
  return beat;
}

TEST(Progress, TheLineAPersonSees) {
  Progress progress(1, 2, Merge);
  progress.BeginEpoch("", At(seconds(0)));
  Heartbeat beat = OfWorker(1'000'000, 250'000, 7, "39");
  beat.read_seconds = 0.4;
  beat.pull_seconds = 2.1;
  beat.compute_seconds = 6.3;
  beat.push_seconds = 1.2;
  progress.OnHeartbeat(Role::kWorker, 0, beat);
  progress.OnHeartbeat(Role::kWorker, 1, OfWorker(1'469'136, 367'284, 9, "24"));
  const auto report =
      progress.MakeReport({.epoch = 1, .epochs = 5, .epoch_fraction = 0}, At(seconds(2)));
  EXPECT_EQ(report.line,
            "epoch 2/5  0 %  1,234,568 examples/s  loss 0.2500  auc 0.1800  eta -  "
            "read 4% pull 21% compute 63% push 12%");
}

TEST(Progress, TheEtaIsOfThePaceSinceTheEpochBegan) {
  Progress progress(1, 1, Merge);
  progress.BeginEpoch("", At(seconds(0)));
  // Resumed at half of the epoch; in 10 s another quarter. Left: .25 + 2 epochs at .025 a second.
  (void)progress.MakeReport({.epoch = 0, .epochs = 3, .epoch_fraction = 0.5}, At(seconds(1)));
  const auto report =
      progress.MakeReport({.epoch = 0, .epochs = 3, .epoch_fraction = 0.75}, At(seconds(10)));
  EXPECT_THAT(report.line, HasSubstr("  75 %  0 examples/s  loss 0.0000  eta 1:30"));
  const auto later =
      progress.MakeReport({.epoch = 0, .epochs = 300, .epoch_fraction = 0.75}, At(seconds(10)));
  EXPECT_THAT(later.line, EndsWith("eta 3:19:30"));
}

TEST(Progress, TheRecordIsOfTheWindowAndTheSumsOfTheRun) {
  Progress progress(2, 2, Merge);
  progress.BeginEpoch("1", At(seconds(0)));  // an epoch that goes on after a resume
  progress.OnHeartbeat(Role::kWorker, 0, OfWorker(100, 50, 3, "2"));
  (void)progress.MakeReport({}, At(seconds(1)));
  progress.OnHeartbeat(Role::kWorker, 1, OfWorker(300, 30, 2, "4"));
  Heartbeat server;
  server.refused_gradients = 5;
  server.table_rows = {10, 20};
  server.table_bytes = {1000, 2000};
  server.staleness = {7, 1};
  server.unadmitted_gradients = 3;
  server.memory_bytes = 4000;
  progress.OnHeartbeat(Role::kServer, 0, server);
  progress.OnHeartbeat(Role::kServer, 0, server);  // totals: the last one counts
  server.staleness = {1, 0, 4};
  server.memory_bytes = 3500;
  progress.OnHeartbeat(Role::kServer, 1, server);
  const auto report = progress.MakeReport(
      {.epoch = 0, .epochs = 1, .epoch_fraction = 0.5, .job_seconds = 9.5}, At(milliseconds(1500)));
  EXPECT_EQ(report.json,
            R"({"epoch":1,"epoch_fraction":0.5,"step":3,"examples":400,"seconds":9.5,)"
            R"("examples_per_second":600.0,"loss":0.1,"train":{"auc":0.07},"read_seconds":0.0,)"
            R"("pull_seconds":0.0,"compute_seconds":0.0,"push_seconds":0.0,)"
            R"("refused_gradients":10,"unadmitted_gradients":6,"memory_bytes":4000})");
  EXPECT_EQ(progress.examples(), 400U);
  EXPECT_EQ(progress.epoch_metrics(), "124");
  EXPECT_THAT(progress.TableRows(), ElementsAre(20, 40));
  EXPECT_THAT(progress.TableBytes(), ElementsAre(2000, 4000));
  EXPECT_THAT(progress.Staleness(), ElementsAre(8, 1, 4));
}

TEST(Progress, ANewEpochBeginsAnewButTheRunGoesOn) {
  Progress progress(1, 1, Merge);
  progress.BeginEpoch("", At(seconds(0)));
  progress.OnHeartbeat(Role::kWorker, 0, OfWorker(100, 50, 3, "9"));
  progress.BeginEpoch("", At(seconds(5)));
  EXPECT_EQ(progress.examples(), 100U);
  EXPECT_EQ(progress.epoch_examples(), 0U);
  EXPECT_TRUE(progress.EpochValues().empty());
  EXPECT_EQ(progress.steps(), 3U);
}

TEST(Progress, MetricsThatCannotBeMergedAreLeftOut) {
  Progress progress(1, 1, Merge);
  progress.BeginEpoch("", At(seconds(0)));
  progress.OnHeartbeat(Role::kWorker, 0, OfWorker(10, 5, 1, "3"));
  progress.OnHeartbeat(Role::kWorker, 0, OfWorker(10, 5, 2, "bad"));
  EXPECT_EQ(progress.epoch_metrics(), "3");
  EXPECT_EQ(progress.examples(), 20U);
  progress.BeginEpoch("bad", At(seconds(0)));
  EXPECT_TRUE(progress.EpochValues().empty());
}

TEST(Progress, ALossThatIsNoNumberStaysReadableJson) {
  Progress progress(1, 1, Merge);
  progress.BeginEpoch("", At(seconds(0)));
  progress.OnHeartbeat(Role::kWorker, 0, OfWorker(10, std::numeric_limits<double>::quiet_NaN(), 1));
  const auto report = progress.MakeReport({}, At(seconds(1)));
  EXPECT_TRUE(ParseJson(report.json, "record").ok()) << report.json;
  EXPECT_THAT(report.json, HasSubstr("\"loss\":null"));
  EXPECT_THAT(report.line, HasSubstr("loss nan"));
}

TEST(Progress, NamesTheFullestServerAndTheOneThatCannotGoOn) {
  Progress progress(2, 1, Merge);
  EXPECT_EQ(progress.MemoryEnd(), "");
  Heartbeat server;
  server.memory_bytes = 710;
  progress.OnHeartbeat(Role::kServer, 0, server);
  server.memory_bytes = 820;
  server.memory_end = "server 1: full";
  progress.OnHeartbeat(Role::kServer, 1, server);
  EXPECT_EQ(progress.MemoryEnd(), "server 1: full");
  EXPECT_EQ(progress.ServerBytes(), (std::vector<std::uint64_t>{710, 820}));
  const std::string line = progress.MakeReport({.memory_limit = 1000}, At(seconds(1))).line;
  EXPECT_NE(line.find("  memory 82%"), std::string::npos) << line;
  const std::string bare = progress.MakeReport({}, At(seconds(2))).line;
  EXPECT_EQ(bare.find("memory"), std::string::npos) << bare;
}

}  // namespace
}  // namespace rookery
