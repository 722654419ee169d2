// JobPlan: what follows from a job and the shape of the cluster: model, tables, and the options of
// every role. The same on every rank, so no configuration has to cross the wire.
//
// Plain data and pure functions. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "data/transform.h"
#include "io/file_system.h"
#include "launch/job.h"
#include "launch/job_sequences.h"
#include "models/metrics.h"
#include "models/model.h"
#include "protocol/scheduler_messages.h"
#include "protocol/table_spec.h"
#include "protocol/verbs.h"
#include "ps/ps_options.h"
#include "scheduler/scheduler_options.h"
#include "worker/worker_options.h"

namespace rookery {

struct JobPlan {
  Job job;  // train.slices resolved
  ClusterShape cluster;
  std::string run_directory;
  std::string host;
  std::uint64_t job_hash = 0;
  TaskKind task = TaskKind::kBinary;
  std::vector<TableSpec> tables;                  // in the model's order
  std::array<std::vector<std::string>, 3> files;  // by DataSet, expanded
  std::vector<Combiner> combiners;                // per feature
  std::optional<std::size_t> group_feature;       // launch/job_groups.h
  std::optional<FittedSchema> fitted;             // of a job that reads prepared files
  bool lockstep = true;                           // workers agree on every step
};

// Refuses a cluster that the job cannot use (workers that do not divide the slices, a batch smaller
// than the slices), files that are missing or empty, a model that does not fit the columns. Of a
// job that reads prepared files the first one is opened, for its schema.
[[nodiscard]] StatusOr<JobPlan> MakePlan(FileSystem& files, Job job, const ClusterShape& cluster,
                                         std::string run_directory, std::string host);

// kInvalidInput: workers that do not divide the slices, a batch that does not divide into its
// parts.
[[nodiscard]] Status CheckCluster(const Job& job, const ClusterShape& cluster);

// What the job's columns and [model] make; no label means where no data have been seen.
[[nodiscard]] ModelSpec ModelSpecOf(const Job& job, const std::vector<double>& label_means);
[[nodiscard]] StatusOr<WorkerModel> MakeWorkerModelOf(const Job& job,
                                                      const std::vector<double>& label_means);
[[nodiscard]] TaskKind TaskOf(const Job& job);

[[nodiscard]] PsOptions ServerOptionsOf(const JobPlan& plan, std::uint32_t index);
[[nodiscard]] WorkerOptions WorkerOptionsOf(const JobPlan& plan, std::uint32_t index,
                                            std::uint32_t threads);
// Without load_directory, print and the like, which the caller adds.
[[nodiscard]] StatusOr<SchedulerOptions> SchedulerOptionsOf(const JobPlan& plan,
                                                            const FittedSchema& fitted);
// Of a job without valid files: the metric by task ("auc", "rmse", "ndcg@10").
[[nodiscard]] std::string MetricOf(const Job& job);

}  // namespace rookery
