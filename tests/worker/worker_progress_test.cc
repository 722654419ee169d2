#include "worker/worker_progress.h"

#include <gtest/gtest.h>

#include "tests/net/testing/manual_executor.h"

namespace rookery {
namespace {

Batch Labels(std::vector<float> labels) {
  Batch batch;
  batch.examples = labels.size();
  batch.labels = std::move(labels);
  return batch;
}

TEST(WorkerProgress, TellsEachThingOnce) {
  WorkerProgress progress(TaskKind::kBinary);
  const std::vector<float> scores = {0.9F, 0.2F, 0.6F};
  progress.AddTrained(Labels({1, 0, 0}), scores, 1.5);
  progress.AddTrained(Labels({1, 0, 1}), scores, 0.5);
  progress.SetStep(7);
  progress.AddPull(std::chrono::milliseconds(250));
  progress.Warn("odd");
  const Heartbeat first = progress.Take();
  EXPECT_EQ(first.examples, 6U);
  EXPECT_EQ(first.loss_sum, 2.0);
  EXPECT_EQ(first.step, 7U);
  EXPECT_EQ(first.pull_seconds, 0.25);
  EXPECT_EQ(first.warnings.size(), 1U);
  const auto metrics = MetricSums::Decode(first.metrics);
  ASSERT_TRUE(metrics.ok());
  EXPECT_EQ(metrics->examples(), 6U);
  EXPECT_NEAR(metrics->Values().at("accuracy"), 5.0 / 6, 1e-6);

  const Heartbeat second = progress.Take();
  EXPECT_EQ(second.examples, 0U);
  EXPECT_EQ(second.loss_sum, 0);
  EXPECT_EQ(second.step, 7U);  // where it is, not what it did
  EXPECT_EQ(second.pull_seconds, 0);
  EXPECT_TRUE(second.warnings.empty());
  EXPECT_TRUE(second.metrics.empty());
}

TEST(WorkerProgress, WarningsHaveALimit) {
  WorkerProgress progress(TaskKind::kRegression);
  for (int i = 0; i < 1000; ++i) progress.Warn("again");
  EXPECT_EQ(progress.Take().warnings.size(), 20U);
}

TEST(Stopwatch, AddsTheTimeOfItsLife) {
  ManualExecutor clock;
  WorkerProgress progress(TaskKind::kBinary);
  {
    const Stopwatch read(&clock, &progress, &WorkerProgress::AddRead);
    clock.Advance(std::chrono::milliseconds(500));
    const Stopwatch push(&clock, &progress, &WorkerProgress::AddPush);
    clock.Advance(std::chrono::milliseconds(250));
  }
  const Heartbeat beat = progress.Take();
  EXPECT_EQ(beat.read_seconds, 0.75);
  EXPECT_EQ(beat.push_seconds, 0.25);
  EXPECT_EQ(beat.compute_seconds, 0);
}

}  // namespace
}  // namespace rookery
