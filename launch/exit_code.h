// Exit statuses of `rookery`, for scripts and for `rookery launch --max-restarts`. The one list;
// --help prints it and docs/consistency_and_failures.md explains it.
//
// Threads  pure functions.
#pragma once

#include <string_view>

#include "common/error.h"

namespace rookery {

inline constexpr int kExitDone = 0;      // also after a wished stop
inline constexpr int kExitFailed = 1;    // anything else: the disk, a damaged checkpoint
inline constexpr int kExitInput = 2;     // the user's input is wrong
inline constexpr int kExitPeerLost = 3;  // a rank died, fell silent or did not answer in time
inline constexpr int kExitMemory = 4;    // a server's memory or another documented limit
inline constexpr int kExitDiverged = 5;  // training diverged
inline constexpr int kExitInternal = 6;  // a bug of ours: a crash or a broken invariant
inline constexpr int kExitSignal = 128;  // + N: ended by signal N on request

inline constexpr std::string_view kExitCodesHelp =
    "Exit status: 0 done, 2 the input is wrong, 3 a rank was lost, 4 a memory limit was reached,\n"
    "5 training diverged, 6 an internal error, 128 + N stopped by signal N, 1 anything else.";

[[nodiscard]] int ExitCodeOf(const Status& status);
// Of a process that a signal ended without anybody's wish: a crash is internal, else it is lost.
[[nodiscard]] int ExitCodeOfSignal(int signal_number);

}  // namespace rookery
