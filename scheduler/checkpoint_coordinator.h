// CheckpointCoordinator: the life of checkpoint directories: begin, publish, keep the newest.
//
//   Begin    checkpoints/NNNNNNNN.tmp is made, empty; servers and worker 0 write their files into
//   it Publish  input.bin, features.json, MANIFEST.json last; sync; rename to NNNNNNNN; sync;
//   CURRENT
//
// A crash at any point leaves the old checkpoint current and whole; leftovers are removed at the
// next start. docs/checkpoint_format.md has the bytes. Owner    the scheduler's node. Threads: its
// executor.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "common/error.h"
#include "io/file_system.h"
#include "protocol/checkpoint_manifest.h"
#include "scheduler/job_state.h"

namespace rookery {

class CheckpointCoordinator {
 public:
  CheckpointCoordinator(FileSystem* files, std::string checkpoints_directory);

  // Makes the directory, removes what a crash left half-written, continues the numbering.
  [[nodiscard]] Status Open();
  // The directory that the nodes write to.
  [[nodiscard]] StatusOr<std::string> Begin();
  // `manifest.files` names what the nodes wrote. Returns the manifest as it was written.
  [[nodiscard]] StatusOr<CheckpointManifest> Publish(CheckpointManifest manifest,
                                                     const JobState& state,
                                                     const std::string& features_json);
  // Removes all but the newest `kept`, those that are `needed`, and what these add to. Nothing is
  // removed when a manifest on the way cannot be read.
  [[nodiscard]] Status Retain(std::uint32_t kept, std::set<std::string> needed);
  // The name that Publish will give, between Begin and Publish.
  [[nodiscard]] const std::string& begun() const { return begun_; }
  [[nodiscard]] std::string PathOf(const std::string& name) const;

 private:
  [[nodiscard]] StatusOr<std::vector<std::string>> Complete() const;
  [[nodiscard]] StatusOr<std::string> BaseOf(const std::string& name) const;

  FileSystem* const files_;
  const std::string directory_;
  std::uint64_t next_number_ = 1;
  std::string begun_;  // the name in work, without ".tmp"
};

}  // namespace rookery
