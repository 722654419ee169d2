// Job: the resolved job file. Everything that decides what a run does is in here, by value.
//
// ParseJob reads TOML, applies --set overrides and ${VARIABLES}, refuses unknown keys (naming the
// nearest known one) and wrong types with "file:line:column: what; what would be right", and fills
// defaults. docs/job_reference.md lists every option; a test compares it with launch/job_options.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/executor.h"
#include "data/schema.h"
#include "data/sequence.h"
#include "io/file_system.h"
#include "models/model.h"
#include "protocol/table_spec.h"
#include "ps/ps_options.h"

namespace rookery {

struct DataJob {
  Schema schema;                                // resolved; of blocks: empty until they are opened
  SequenceOptions sequence;                     // of format "sequence"
  bool blocks = false;                          // prepared files, which bring the schema
  std::vector<std::string> train, valid, test;  // patterns, variables expanded
  std::uint32_t chunk_examples = 1024;          // data/input.h
  std::uint64_t shuffle_window = 65536;         // examples, over all slices; 0: keep file order
  std::uint64_t fit_examples = 1'000'000;       // of the first pass
  float negative_keep = 1;                      // data/thinned_reader.h
};

struct TableJob {  // [table.default], [table.NAME]
  std::uint32_t dim = 16;
  InitializerSpec initializer;
  UpdaterSpec updater;
};

enum class DensePlacement : std::uint8_t { kAllreduce = 0, kServer = 1 };

struct TrainJob {
  TrainMode mode = TrainMode::kSync;
  std::uint32_t slices = 0;         // 0: the number of workers
  std::uint32_t batch_size = 4096;  // examples of one step of the whole job
  std::uint64_t epochs = 1;
  std::uint64_t max_steps = 0;        // 0: no limit
  std::uint32_t staleness = 1;        // bounded
  bool staleness_scaling = false;     // bounded, async
  float delay_compensation = 0;       // bounded, async; 0: off
  std::uint32_t prefetch = 2;         // batches read ahead per worker
  std::uint32_t part_examples = 512;  // examples computed as one piece; decides the order of sums
  DensePlacement dense = DensePlacement::kAllreduce;
  std::string metric;          // early stop, keep best: "auc" or "rmse" by task when empty
  std::string group;           // a feature with one key an example, for "gauc"; empty: off
  std::uint32_t patience = 0;  // epochs without a better valid metric before the end; 0: off
  bool keep_best = false;      // end with the weights of the best epoch
  float divergence = 0;        // so many times the lowest loss; 0: only a loss that is not finite
  std::uint32_t rollbacks = 0;
  std::vector<std::string> unseen;  // features; launch/job_unseen.h
};

struct ClusterJob {
  std::uint32_t servers = 1;
  std::uint32_t workers = 1;  // in one process only; under mpirun the ranks decide
  std::uint32_t threads = 0;  // compute threads per worker; 0: visible CPUs / workers on the host
  Duration deadline = std::chrono::seconds(120);
  Duration heartbeat_every = std::chrono::seconds(1);
  Duration heartbeat_timeout = std::chrono::seconds(20);
  Duration idle_sleep = std::chrono::microseconds(100);
  std::uint64_t memory_limit = 0;  // bytes of one server; 0: off
  float memory_soft = 0.9F;        // share of it that rows may fill
};

struct CheckpointJob {
  Duration every = Duration::zero();  // zero: off
  std::uint64_t every_steps = 0;      // sync only; 0: off
  std::uint64_t every_epochs = 0;     // 0: off
  std::uint32_t keep = 3;
  std::uint32_t full_every = 1;
  std::uint64_t rate = 0;  // bytes a second and server; 0: as fast as it goes
  bool compress = false;
  bool at_end = true;
};

struct PrivacyJob {     // DP-SGD: docs/privacy.md
  float clip_norm = 0;  // 0: off
  float noise_multiplier = 1;
  float delta = 1e-5F;
  std::string secret;  // the noise is made from it
};

// Adam at 0.001: what towers are usually trained with. Tables start from UpdaterSpec{} (Adagrad).
[[nodiscard]] inline UpdaterSpec DenseUpdaterDefault() {
  UpdaterSpec dense;
  dense.kind = UpdaterKind::kAdam;
  dense.learning_rate.rate = 0.001F;
  return dense;
}

struct Job {
  std::uint64_t seed = 1;
  DataJob data;
  ModelSpec model;  // features, numeric and label_mean are filled once the data are fitted
  std::map<std::string, TableJob> tables;  // by name; "default" always
  UpdaterSpec dense = DenseUpdaterDefault();
  TrainJob train;
  ClusterJob cluster;
  CheckpointJob checkpoint;
  PrivacyJob privacy;
  std::string run_directory;  // empty: runs/<job file name>
};

// `overrides`: "path.key=value" with a TOML value, or a bare word taken as text.
[[nodiscard]] StatusOr<Job> LoadJob(FileSystem& files, const std::string& path,
                                    const std::vector<std::string>& overrides);
[[nodiscard]] StatusOr<Job> ParseJob(std::string_view toml, std::string_view name,
                                     const std::vector<std::string>& overrides);
// The resolved job with every option, as TOML that ParseJob reads back to the same Job. Without
// what prepared files say themselves.
[[nodiscard]] std::string JobToToml(const Job& job);
// job.run_directory, or runs/<name of the job file without .toml>.
[[nodiscard]] std::string RunDirectoryOf(const Job& job, std::string_view path);
// Of what decides the meaning of the numbers in a checkpoint: seed, schema, model, tables, dense,
// batch size, mode, slices, noise. Not of paths, cluster, epochs or checkpoint intervals.
[[nodiscard]] std::uint64_t JobHash(const Job& job);

}  // namespace rookery
