#include "launch/machine.h"

#include <sched.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace rookery {

std::uint32_t VisibleCpus() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  return static_cast<std::uint32_t>(std::max(1, CPU_COUNT(&set)));
}

std::uint64_t FreeMemoryBytes() {
  std::ifstream file("/proc/meminfo");
  std::string name;
  std::uint64_t kibibytes = 0;
  std::string unit;
  while (file >> name >> kibibytes) {
    if (name == "MemAvailable:") return kibibytes << 10U;
    std::getline(file, unit);
  }
  return 0;
}

std::uint64_t FreeDiskBytes(const std::string& path) {
  std::error_code error;
  std::filesystem::path at = std::filesystem::absolute(path, error);
  while (!std::filesystem::exists(at, error) && at.has_relative_path()) at = at.parent_path();
  struct statvfs space {};
  if (statvfs(at.c_str(), &space) != 0) return 0;
  return std::uint64_t{space.f_bavail} * space.f_frsize;
}

Status CheckWorldSize(std::uint32_t ranks) {
  const char* expected = std::getenv("ROOKERY_WORLD_SIZE");
  if (expected == nullptr || StrCat(ranks) == expected) return OkStatus();
  return InvalidInput("mpirun started ", expected, " processes, but this one sees ", ranks,
                      ": its MPI library is not the one of mpirun (check PMIx versions, PATH and "
                      "LD_LIBRARY_PATH)");
}

}  // namespace rookery
