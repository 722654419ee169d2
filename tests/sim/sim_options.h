// SimOptions: what a seed means: the job, its cluster, and what goes wrong in each of its runs.
// Plain data and pure functions of the seed.
#pragma once

#include <cstdint>
#include <string>

#include "common/random.h"
#include "io/memory_file_system.h"
#include "launch/job.h"
#include "protocol/verbs.h"
#include "tests/sim/sim_disk.h"
#include "tests/sim/sim_network.h"

namespace rookery::sim {

// Deliberate faults of what is around the roles; some seed must catch each. Those inside the roles
// are compiled in (common/fault_hooks.h, tests/sim/mutants_test.cc).
enum class Mutation : std::uint8_t {
  kNone,
  kReuseSequence,   // a push travels under the number of the one before
  kNoFileSync,      // files are published without having been synced
  kLooseStaleness,  // servers allow one step more than the bound
};

struct SimOptions {
  std::uint64_t seed = 1;
  ClusterShape cluster;
  TrainMode mode = TrainMode::kSync;
  DensePlacement dense = DensePlacement::kAllreduce;
  std::uint32_t staleness = 0;
  bool ledger = true;   // else a real model, judged by its digest
  bool ragged = false;  // files whose batches do not come out even
  std::uint32_t files = 2;
  std::uint32_t chunks_per_file = 4;  // of each slice
  std::uint32_t epochs = 1;
  std::uint32_t prefetch = 2;
  bool shuffle = true;
  std::uint64_t checkpoint_steps = 4;
  std::uint32_t full_every = 1;  // of so many checkpoints one is whole
  std::uint32_t bad_runs = 1;    // the job's processes are run so often with faults, then without
  Duration compute_max = std::chrono::milliseconds(2);
  Mutation mutation = Mutation::kNone;

  // Every number of the ledger can be told from the data.
  [[nodiscard]] bool exact() const { return ledger && (mode != TrainMode::kSync || !ragged); }
  [[nodiscard]] std::string ToString() const;
};

inline constexpr std::uint32_t kSlices = 4;
inline constexpr std::uint32_t kBatchExamples = 48;  // divides by 1, 2, 3, 4 workers and slices
inline constexpr std::uint32_t kChunkExamples = 12;
inline constexpr std::uint32_t kBuckets = 16;
inline constexpr std::uint32_t kItemsPerExample = 3;

[[nodiscard]] SimOptions OptionsOf(std::uint64_t seed);

// What goes wrong in one run of the job's processes.
struct RunFaults {
  NetworkFaults network;
  DiskFaults disk;
  std::int64_t die_rank = -1;
  std::uint64_t die_at_event = 0;
  std::int64_t freeze_rank = -1;
  std::uint64_t freeze_at_event = 0;
  Duration freeze_for = Duration::zero();
  std::uint64_t stop_at_event = 0;  // a person asks for a checkpoint and the end; 0: nobody does
  bool power_cut = false;           // at its end
  CrashNames crash_names = CrashNames::kOnlySynced;
  bool flip_bit = false;  // of the newest checkpoint, after its end
  bool abrupt = false;    // roles are destroyed where they stand
  ClusterShape cluster;

  [[nodiscard]] std::string ToString() const;
};

// The sizes of a run without faults, from which times of faults are drawn.
struct RunSize {
  std::uint64_t events = 0;
  std::uint64_t disk_calls = 0;
  std::uint64_t frames = 0;
  std::uint64_t pushes = 0;
};

[[nodiscard]] RunFaults DrawFaults(const SimOptions& options, const RunSize& size, Random& random);

// The job file of the options.
[[nodiscard]] std::string JobText(const SimOptions& options);
// Line after line of one input file.
[[nodiscard]] std::string InputText(const SimOptions& options, std::uint32_t file);

}  // namespace rookery::sim
