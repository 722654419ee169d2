#include <iostream>

#include "launch/commands.h"

namespace rookery {

int ReportStatus(const Status& status) {
  if (status.ok()) return kExitDone;
  const bool input = status.code() == Code::kInvalidInput || status.code() == Code::kNotFound;
  std::cerr << StrCat("rookery: error: ", status.message(), "\n") << std::flush;
  return input ? kExitInput : kExitFailed;
}

std::string RookeryVersion() {
  return ROOKERY_VERSION;
}

}  // namespace rookery
