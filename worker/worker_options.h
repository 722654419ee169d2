// What one worker is. Built by launch/compose; the same on all workers but for `index`.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/executor.h"
#include "common/limits.h"
#include "data/input.h"
#include "data/sequence.h"
#include "data/transform.h"
#include "models/metrics.h"
#include "models/model.h"
#include "protocol/privacy_spec.h"
#include "protocol/table_spec.h"
#include "protocol/verbs.h"
#include "ps/ps_options.h"

namespace rookery {

// Made once the fitted schema is known: its label mean sets the output bias.
struct WorkerModel {
  std::unique_ptr<Model> model;
  DenseSpec dense;
  std::vector<Combiner> combiners;    // of each feature, in schema order
  std::vector<std::string> features;  // their names
};
using MakeWorkerModel = std::function<StatusOr<WorkerModel>(const FittedSchema& fitted)>;

// Of a job that reads lines of format "sequence" and ranks.
struct LinesInput {
  Schema lines;
  SequenceOptions options;
};

struct WorkerOptions {
  ClusterShape cluster;
  std::uint32_t index = 0;
  std::uint64_t seed = 1;
  std::uint64_t job_hash = 0;
  std::string version;
  std::string host;

  MakeWorkerModel make_model;
  TaskKind task = TaskKind::kBinary;
  std::size_t labels = 1;
  std::optional<std::size_t> group_feature;  // of Batch, by whose keys evaluation groups examples
  std::vector<std::uint32_t> unseen;         // features; worker/seen_split.h
  std::vector<TableSpec> tables;             // in the model's order
  std::uint32_t buckets = kBucketsDefault;

  std::array<InputOptions, 3> inputs;  // by DataSet
  std::optional<LinesInput> sequences;
  float negative_keep = 1;  // data/thinned_reader.h
  bool shuffle = true;
  std::uint32_t prefetch = 2;  // batches read ahead per stream

  TrainMode mode = TrainMode::kSync;
  std::uint32_t slices = 1;         // sync: of a step, over all workers; a multiple of the workers
  std::uint32_t batch_size = 4096;  // examples of a step of the whole job
  std::uint32_t part_examples = 1024;
  bool dense_on_server = false;
  std::uint16_t push_flags = 0;  // PushFlagsOf (ps/ps_options.h)
  PrivacySpec privacy;           // sync only
  std::uint32_t threads = 1;

  Duration heartbeat_every = std::chrono::seconds(1);
  Duration deadline = std::chrono::seconds(120);
};

}  // namespace rookery
