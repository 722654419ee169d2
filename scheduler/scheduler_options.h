// What the scheduler is. Built by launch/compose.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/executor.h"
#include "common/limits.h"
#include "protocol/privacy_spec.h"
#include "protocol/table_spec.h"
#include "protocol/verbs.h"
#include "scheduler/loss_watch.h"

namespace rookery {

// Of a part of an evaluation's examples.
struct MetricGroup {
  std::string name;  // "item:unseen"
  std::uint64_t examples = 0;
  std::map<std::string, double> values;  // none without examples
};

// Metrics are mathematics (models/metrics.h); the scheduler only carries them. `encoded` are
// MetricSums, or what an evaluation gave; empty texts are nothing.
struct MergedMetrics {
  std::string encoded;
  std::map<std::string, double> values;
  std::vector<MetricGroup> groups = {};  // models/seen_metrics.h
};
using MergeMetrics = std::function<StatusOr<MergedMetrics>(std::span<const std::string> encoded)>;

struct SchedulerOptions {
  ClusterShape cluster;
  std::uint64_t seed = 1;
  std::uint64_t job_hash = 0;
  std::string version;
  std::string features_json;        // the fitted schema, handed to all who join
  std::vector<double> label_means;  // of the training data, likewise

  // Input: number of files of each set; 0: the job has no such set.
  std::uint32_t train_files = 0;
  std::uint32_t valid_files = 0;
  std::uint32_t test_files = 0;
  bool dealt = true;                   // sync: chunks belong to slices
  std::uint32_t streams = 1;           // sync: slices; else workers
  std::uint64_t chunks_per_lease = 1;  // of training data
  bool shuffle_files = true;

  // Training.
  bool lockstep = true;  // workers agree on every step; else the step limits are kept roughly
  std::uint64_t epochs = 1;
  std::uint64_t max_steps = 0;
  std::string metric;  // judged after every epoch when there is a valid set
  bool larger_is_better = true;
  std::uint32_t patience = 0;
  bool keep_best = false;
  PrivacySpec privacy;  // what was spent is part of the summary
  LossWatchOptions loss_watch;
  std::uint32_t rollbacks = 0;  // how often a diverged job goes back to a healthy checkpoint
  bool evaluate_only = false;   // load, evaluate valid and test, stop

  std::uint64_t memory_limit = 0;  // of a server, for reports; 0: none

  // Checkpoints; docs/checkpoint_format.md.
  std::string run_directory;
  std::string load_directory;  // the checkpoint to begin from; empty: none
  Duration checkpoint_every = Duration::zero();
  std::uint64_t checkpoint_every_steps = 0;
  std::uint64_t checkpoint_every_epochs = 0;
  bool checkpoint_at_end = true;
  std::uint32_t checkpoints_kept = 3;
  std::uint32_t checkpoint_full_every = 1;  // of so many checkpoints one is whole; 1: all
  std::uint32_t buckets = kBucketsDefault;
  std::vector<TableSpec> tables;
  DenseSpec dense;

  MergeMetrics merge_metrics;
  std::function<void(const std::string& line, bool lasting)> print;  // lasting: not overwritten
  std::function<bool()> stop_wanted;  // a person's wish to checkpoint and end; asked regularly
  Duration report_every = std::chrono::seconds(5);
  Duration silent_after = std::chrono::seconds(20);
  Duration join_within = std::chrono::seconds(120);
};

}  // namespace rookery
