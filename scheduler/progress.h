// Progress: the sums of the heartbeats, the line a person sees, and a record a script can read.
// Pure: time is an argument; numbers are since the last report where a rate is meant.
//
//   epoch 2/5  61 %  384,210 examples/s  loss 0.4512  auc 0.7811  eta 1:42  read 4% pull 21%
//   compute 63% push 12%
//
// Owner    the scheduler's node. Threads: its executor.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "protocol/scheduler_messages.h"
#include "scheduler/scheduler_options.h"

namespace rookery {

class Progress {
 public:
  Progress(std::uint32_t servers, std::uint32_t workers, MergeMetrics merge);

  void OnHeartbeat(Role role, std::uint32_t index, Heartbeat heartbeat);
  // Progressive validation of an epoch begins anew, or goes on from `encoded` after a resume.
  void BeginEpoch(std::string encoded, TimePoint now);

  struct Report {
    std::string line;
    std::string json;  // one object, for metrics.jsonl
  };
  struct Where {
    std::uint64_t epoch = 0;  // from 0
    std::uint64_t epochs = 1;
    double epoch_fraction = 0;
    double job_seconds = 0;
    std::uint64_t memory_limit = 0;  // of a server; 0: none
  };
  [[nodiscard]] Report MakeReport(const Where& where, TimePoint now);

  struct Loss {
    std::uint64_t examples = 0;
    double sum = 0;
  };
  // What was trained since the last call.
  [[nodiscard]] Loss TakeLoss() { return std::exchange(untaken_loss_, {}); }
  // The job was resumed after so many examples.
  void ContinueFrom(std::uint64_t examples) { examples_ = examples; }
  [[nodiscard]] std::uint64_t examples() const { return examples_; }  // of all epochs
  [[nodiscard]] std::uint64_t epoch_examples() const { return epoch_examples_; }
  // Of the epoch so far.
  [[nodiscard]] const std::string& epoch_metrics() const { return epoch_metrics_; }
  [[nodiscard]] std::map<std::string, double> EpochValues() const;
  [[nodiscard]] std::uint64_t steps() const;  // the furthest worker's
  [[nodiscard]] std::uint64_t refused_gradients() const;
  [[nodiscard]] std::vector<std::uint64_t> TableRows() const;  // over all servers
  [[nodiscard]] std::vector<std::uint64_t> TableBytes() const;
  [[nodiscard]] std::vector<std::uint64_t> Staleness() const;
  [[nodiscard]] std::uint64_t unadmitted_gradients() const;
  [[nodiscard]] std::vector<std::uint64_t> ServerBytes() const;  // the most of each
  // Of all workers. In lockstep they make their steps together, else each its own.
  [[nodiscard]] NetworkBytes Network(bool lockstep) const;
  // Why a server cannot go on; empty: all can.
  [[nodiscard]] std::string MemoryEnd() const;

 private:
  [[nodiscard]] std::string EtaText(const Where& where, TimePoint now) const;
  [[nodiscard]] std::string SplitText() const;

  const MergeMetrics merge_;
  std::vector<Heartbeat> servers_;  // the last of each
  std::vector<std::uint64_t> worker_steps_;
  std::vector<std::uint64_t> worker_refused_;
  std::vector<NetworkBytes> worker_network_;
  Loss untaken_loss_;
  Heartbeat window_;  // sums since the last report
  std::uint64_t examples_ = 0;
  std::uint64_t epoch_examples_ = 0;
  std::string epoch_metrics_;
  TimePoint window_began_{};
  TimePoint epoch_began_{};
  double epoch_fraction_at_begin_ = -1;
};

}  // namespace rookery
