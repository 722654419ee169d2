// Writers of the files of one checkpoint. Each returns what the manifest must say of its file,
// after the file was written and synced; nothing is published here
// (scheduler/checkpoint_coordinator).
#pragma once

#include <span>
#include <string>

#include "common/error.h"
#include "io/file_system.h"
#include "protocol/checkpoint_manifest.h"
#include "ps/dense_table.h"

namespace rookery {

// dense.bin
[[nodiscard]] StatusOr<CheckpointFile> WriteDense(FileSystem& files, const std::string& directory,
                                                  const DenseState& dense);

}  // namespace rookery
