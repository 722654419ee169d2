#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string_view>
#include <thread>

#include "launch/commands.h"

namespace rookery {

int ReportStatus(const Status& status) {
  if (status.ok()) return kExitDone;
  std::cerr << StrCat("rookery: error: ", status.message(), "\n") << std::flush;
  return ExitCodeOf(status);
}

int ReportOnce(const Status& status) {
  const char* rank = std::getenv("OMPI_COMM_WORLD_RANK");
  if (rank == nullptr || std::string_view(rank) == "0") return ReportStatus(status);
  std::this_thread::sleep_for(std::chrono::seconds(1));  // mpirun kills all at the first exit
  return kExitInput;
}

std::string RookeryVersion() {
  return ROOKERY_VERSION;
}

}  // namespace rookery
