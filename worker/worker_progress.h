// WorkerProgress: what a worker did since it last told the scheduler.
// Owner: the worker's node. Threads: its executor.
#pragma once

#include <span>
#include <string>

#include "common/executor.h"
#include "data/batch.h"
#include "models/label_metrics.h"
#include "protocol/scheduler_messages.h"

namespace rookery {

class WorkerProgress {
 public:
  explicit WorkerProgress(TaskKind task, std::size_t labels = 1) : metrics_(task, labels) {}

  // Progressive validation: scores were computed before the step trained on the examples.
  void AddTrained(const Batch& batch, std::span<const float> scores, double loss_sum) {
    metrics_.Add(scores, batch.labels, batch.weights);
    sums_.examples += batch.examples;
    sums_.loss_sum += loss_sum;
  }
  void AddRead(Duration time) { sums_.read_seconds += Seconds(time); }
  void AddPull(Duration time) { sums_.pull_seconds += Seconds(time); }
  void AddCompute(Duration time) { sums_.compute_seconds += Seconds(time); }
  void AddPush(Duration time) { sums_.push_seconds += Seconds(time); }
  void SetStep(std::uint64_t step) { step_ = step; }
  void Warn(std::string text) {
    if (sums_.warnings.size() < kWarningsMax) sums_.warnings.push_back(std::move(text));
  }

  // A dense gradient that all workers refused: the first one counts it. Examples that are left out.
  void CountRefused(std::uint64_t count = 1) { refused_ += count; }

  [[nodiscard]] Heartbeat Take() {
    Heartbeat heartbeat = std::move(sums_);
    sums_ = Heartbeat{};
    heartbeat.step = step_;
    heartbeat.refused_gradients = refused_;
    if (metrics_.examples() > 0) heartbeat.metrics = metrics_.Encode();
    metrics_.Clear();
    return heartbeat;
  }

 private:
  static constexpr std::size_t kWarningsMax = 20;

  Heartbeat sums_;
  LabelMetrics metrics_;
  std::uint64_t step_ = 0;
  std::uint64_t refused_ = 0;  // total
};

// Adds the time from its making to its end to one of the sums.
class Stopwatch {
 public:
  Stopwatch(const Executor* clock, WorkerProgress* progress, void (WorkerProgress::*add)(Duration))
      : clock_(clock), progress_(progress), add_(add), began_(clock->Now()) {}
  ~Stopwatch() { (progress_->*add_)(clock_->Now() - began_); }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  const Executor* clock_;
  WorkerProgress* progress_;
  void (WorkerProgress::*add_)(Duration);
  TimePoint began_;
};

}  // namespace rookery
