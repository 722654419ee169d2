// Which checkpoint a person means by a path.
#pragma once

#include <string>

#include "common/error.h"
#include "io/file_system.h"

namespace rookery {

// `path`: a checkpoint itself, a checkpoints/ directory or a run directory (the newest one of
// these). kInvalidInput says what was looked for.
[[nodiscard]] StatusOr<std::string> FindCheckpoint(FileSystem& files, const std::string& path);
// The run directory of a checkpoint that FindCheckpoint gave: "RUN" of "RUN/checkpoints/00000001".
[[nodiscard]] std::string RunOfCheckpoint(const std::string& checkpoint);

}  // namespace rookery
