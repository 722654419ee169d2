#include "launch/exit_code.h"

#include <csignal>

namespace rookery {

int ExitCodeOf(const Status& status) {
  switch (status.code()) {
    case Code::kOk:
      return kExitDone;
    case Code::kInvalidInput:
    case Code::kNotFound:
      return kExitInput;
    case Code::kDeadline:
    case Code::kUnavailable:
      return kExitPeerLost;
    case Code::kExhausted:
      return kExitMemory;
    case Code::kDiverged:
      return kExitDiverged;
    case Code::kInternal:
      return kExitInternal;
    case Code::kCorrupt:
    case Code::kIo:
    case Code::kAborted:
      return kExitFailed;
  }
  return kExitFailed;
}

int ExitCodeOfSignal(int signal_number) {
  switch (signal_number) {
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGILL:
    case SIGSEGV:
      return kExitInternal;
    default:
      return kExitPeerLost;
  }
}

}  // namespace rookery
