// ChildProcess: runs a program, passes signals on to it, and keeps the end of what it says on
// stderr (which is shown at once as well). Only `rookery launch` needs it.
//
// Threads  the caller's, which must be the only one. Errors: kIo with the system's reason.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/executor.h"

namespace rookery {

struct ChildResult {
  int status = 0;      // exit status, or 128 + signal
  std::string errors;  // the last of its stderr, at least 64 KiB
};

struct ChildOptions {
  std::vector<std::string> environment = {};  // NAME=VALUE, besides the inherited ones
  // Gets every line of its stdout, which is shown as well. Not given: it has our stdout.
  std::function<void(std::string_view)> on_line = {};
  Duration grace = Duration::zero();  // from a user's SIGTERM to one for the child
};

// words[0] is looked up in PATH. Signals go to the child while a UserSignals lives.
[[nodiscard]] StatusOr<ChildResult> RunChild(const std::vector<std::string>& words,
                                             const ChildOptions& options);
// The program's stdout and stderr together; kNotFound when it cannot be run.
[[nodiscard]] StatusOr<std::string> OutputOf(const std::vector<std::string>& words);

}  // namespace rookery
