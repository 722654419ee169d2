// ChildProcess: runs a program, passes signals on to it, and keeps the end of what it says on
// stderr (which is shown at once as well). Only `rookery launch` needs it.
//
// Threads  the caller's, which must be the only one. Errors: kIo with the system's reason.
#pragma once

#include <string>
#include <vector>

#include "common/error.h"

namespace rookery {

struct ChildResult {
  int status = 0;      // exit status, or 128 + signal
  std::string errors;  // the last 64 KiB of its stderr
};

// `environment`: NAME=VALUE, besides the inherited ones. SIGINT, SIGTERM and SIGUSR1 that this
// process gets meanwhile go to the child. words[0] is looked up in PATH.
[[nodiscard]] StatusOr<ChildResult> RunChild(const std::vector<std::string>& words,
                                             const std::vector<std::string>& environment);
// The program's stdout and stderr together; kNotFound when it cannot be run.
[[nodiscard]] StatusOr<std::string> OutputOf(const std::vector<std::string>& words);

}  // namespace rookery
