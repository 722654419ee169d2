// JobState: where the job is. It changes only between orders, and input.bin in every checkpoint
// holds it, so a resumed job goes on as if nothing had happened.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/error.h"
#include "io/file_system.h"
#include "protocol/checkpoint_manifest.h"
#include "scheduler/work_assigner.h"

namespace rookery {

struct JobState {
  static constexpr std::uint32_t kVersion = 1;
  std::uint64_t epoch = 0;     // being trained, from 0
  bool in_epoch = false;       // `assigner` says what is left of it
  bool trained = false;        // no more training: evaluate and end
  std::uint64_t step = 0;      // the next step
  std::uint64_t updates = 0;   // optimizer steps of the tables
  std::uint64_t examples = 0;  // trained in all epochs
  double seconds = 0;          // spent training, over all runs
  AssignerState assigner;
  std::string epoch_metrics;  // progressive validation of the epoch so far, encoded
  double best_metric = 0;
  std::uint64_t best_epoch = 0;  // 1-based; 0: none
  std::string best_checkpoint;   // its name in checkpoints/
  std::uint32_t epochs_without_better = 0;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(epoch, in_epoch, trained, step, updates, examples, seconds, assigner, epoch_metrics,
            best_metric, best_epoch, best_checkpoint, epochs_without_better);
  }
};

// input.bin: one record.
[[nodiscard]] StatusOr<CheckpointFile> WriteJobState(FileSystem& files,
                                                     const std::string& directory,
                                                     const JobState& state);
[[nodiscard]] StatusOr<JobState> ReadJobState(FileSystem& files, const std::string& directory);

}  // namespace rookery
