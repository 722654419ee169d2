// CheckpointChain: which checkpoint the next one may add to, and when it must be whole instead.
//
// A whole checkpoint and those that were added to it, one to the other, make a chain. The next one
// is whole when the chain has `full_every` members, or when what was added has become larger than
// half of the whole one: reading all of it would take too long, and writing it anew costs little
// more.
//
// Owner    the job's life. Threads: the scheduler's executor.
#pragma once

#include <cstdint>
#include <string>

#include "common/error.h"
#include "io/file_system.h"
#include "protocol/checkpoint_manifest.h"

namespace rookery {

class CheckpointChain {
 public:
  // Of the checkpoint `name` in `checkpoints_directory`, by the manifests there.
  [[nodiscard]] static StatusOr<CheckpointChain> Read(FileSystem& files,
                                                      const std::string& checkpoints_directory,
                                                      const std::string& name);

  // What the next checkpoint adds to; empty: nothing, it is whole.
  [[nodiscard]] std::string Base(std::uint32_t full_every) const;
  void OnPublished(const CheckpointManifest& manifest);

 private:
  std::string newest_;  // empty: no chain
  std::uint64_t members_ = 0;
  std::uint64_t whole_bytes_ = 0;  // of rows
  std::uint64_t added_bytes_ = 0;
};

}  // namespace rookery
